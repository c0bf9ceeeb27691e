#pragma once

#include "soft_stats.h"

#include "server/base/frame.h"

// Passes 3 and 4 of the software engine: the window's cells as levels or values into frame->pixels
// (made by fl_answer_make_room), fewer than cells where render.w and h say so.
struct fl_soft_present {
    const struct fl_soft_cells_of *cells; // of the map
    const struct fl_stats *stats;         // lo and hi
    bool invert;                          // small is bright
    struct fl_frame *frame;
};

// As many pixels as cells: these rows of the map, of any thread.
bool fl_soft_present_is_whole(const struct fl_render *render);
void fl_soft_present_rows(const struct fl_soft_present *self, int32_t from, int32_t to);

// Fewer: all of them.
void fl_soft_present_fewer(const struct fl_soft_present *self, struct fl_crew *crew);
