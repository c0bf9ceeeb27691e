#pragma once

#include "server/base/frame.h"

// Widens a colour frame's picture by a colour bar at its right: what is shown, the stretch, the colours
// from lo to hi and their numbers, bright (near) on top. The picture itself stays as it is, from the
// top left corner on; where it is lower than a bar that can be read, white is put below it. Sets the
// frame's pixels, w, h and bar. FL_ERR_TOO_BIG: there is no memory, and nothing changed.
enum fl_err fl_colorbar_add(struct fl_frame *frame, struct fl_error *error) FL_CHECKED;

// The round values to mark between a and b (at most `most`), without the ends; how many. Pure.
int fl_colorbar_ticks(double a, double b, double *out, int most);
