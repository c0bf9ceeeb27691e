#pragma once

#include "plane.h"

// What is measured around every pixel of one pyramid level, sampled to the grid of cells that all
// levels share:
//   8 gradient strengths by direction (half a turn in 8 soft bins; opposite directions are alike)
//   3 colour means, 3 local contrasts (standard deviations), of luma, red-green, yellow-blue
//   2 blobs: brighter and darker than around (the two signs of a difference of Gaussians)
enum {
    FL_FILTERS_DIRECTIONS = 8,
    FL_FILTERS_MEANS = 8,
    FL_FILTERS_CONTRASTS = 11,
    FL_FILTERS_ON = 14,
    FL_FILTERS_OFF = 15,
    FL_FILTERS = 16
};

struct fl_filters {
    const struct fl_plane *colours; // borrowed; FL_COLOUR_PLANES of this level
    struct fl_sampler across, down; // from the level's pixels to cells; owned
    struct fl_kernel fine, wide;
    struct fl_plane *out; // borrowed; FL_FILTERS planes of the grid
};

// cell: the level's pixels a cell covers, across and down. False without memory.
bool fl_filters_init(struct fl_filters *filters, const struct fl_plane *colours,
                     const double cell[2], struct fl_plane *out);
void fl_filters_finish(struct fl_filters *filters); // zeroed is fine

// Fills the grid's rows first .. first + n - 1 of all planes of `out`. The result is the same
// whatever strips the grid is cut into; strips may be filled by several threads at once. False
// without memory.
bool fl_filters_fill(const struct fl_filters *filters, int32_t first, int32_t n);
