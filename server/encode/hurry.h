#pragma once

#include "server/base/frame.h"

#include <stdbool.h>

// Where the server is behind, frames of large maps in motion become JPEGs, which take about two
// fifths of an exact picture's work and a quarter of its bytes. At rest the session has such a view
// shown exactly. Pure.

// Behind is a server whose passes are full while more views wait (`crowded`), or whose frames
// wait for an encoder: `waiting` beside this one. As many as there are encoders are the frames of
// one pass that arrive together; more are too many.
bool fl_hurry_wanted(const struct fl_frame *frame, unsigned waiting, unsigned encoders);
// From now on the frame asks for that JPEG, and whoever learns from its size does so rightly.
void fl_hurry(struct fl_frame *frame);
