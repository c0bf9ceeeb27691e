#pragma once

#include "server/base/frame.h"

#include <stdbool.h>

// Where frames come faster than the encoders write exact pictures, those of large maps in motion
// become JPEGs: a third of the work. At rest the session has such a view shown exactly. Pure.

// `waiting`: frames that wait for an encoder beside this one. As many as there are encoders are a
// pass's frames arriving together; more means that they are behind.
bool fl_hurry_wanted(const struct fl_frame *frame, unsigned waiting, unsigned encoders);
// From now on the frame asks for that JPEG, and whoever learns from its size does so rightly.
void fl_hurry(struct fl_frame *frame);
