#pragma once

#include "server/base/frame.h"

// Cuts levels into strips: PNGs of a few rows each, of at most encoding.strip bytes (one row may
// have more), so that an exact picture on a slow link gives way to the next hover at any time.
// Fills frame->strips; false: no memory, or a picture of one strip.
struct fl_grey_png; // the thread's own, or NULL
bool fl_strips_write(struct fl_frame *frame, struct fl_grey_png *grey);
