#pragma once

#include "soft_stats.h"

#include "server/base/frame.h"

// Passes 3 and 4 of the software engine: the window's cells as levels or values into frame->pixels
// (made by fl_answer_make_room), fewer than cells where render.w and h say so.
bool fl_soft_present(struct fl_crew *crew, const struct fl_soft_cells_of *cells,
                     const struct fl_stats *stats, bool invert,
                     struct fl_frame *frame); // false: no memory
