#pragma once

#include "proto/state.h"

#include <stdbool.h>
#include <stdint.h>

// What is to be computed and shown of one map, resolved to cells and numbers: no picture
// coordinates, no defaults left. Zeroed before it is filled, so that equal renders are equal
// bytes: together with the maps and their revs it is the key under which frames are shared.
struct fl_cell {
    int32_t i, j; // column, row
    int32_t sign; // +1 or -1
};

enum fl_output {
    FL_OUT_LEVELS, // 8-bit levels of s', one channel; 0 where invalid
    FL_OUT_COLOUR, // the finished RGB picture
    FL_OUT_VALUES, // the raw numbers, float32, NaN where invalid: for exports
    FL_OUT_MASK,   // which cells are valid, 1 bit: made by the session, encoded only
};

struct fl_render {
    enum fl_mode mode;
    enum fl_metric metric;
    enum fl_origin origin;
    uint32_t channel;
    struct fl_cell refs[FL_MAX_REFS]; // of the references' map
    uint32_t n_refs;                  // at least 1 unless has_region
    bool has_region;
    int32_t region[4]; // cells, half-open; of the references' map
    struct fl_stretch stretch;
    int32_t window[4]; // cells, half-open, inside the map, at least one cell
    int32_t w, h;      // of the picture made. Levels and values: at most the window's cells, where
                       // smaller an area mean. Colour: any size up to FL_MAX_PICTURE
    enum fl_output output;

    // Colour only, else zero.
    enum fl_colormap colormap;
    bool reversed;
    float opacity;
    enum fl_under picture;
    bool colorbar; // at its right, beyond w
};

bool fl_render_equal(const struct fl_render *a, const struct fl_render *b);
// Whether small numbers are near: then the levels run the other way.
bool fl_render_is_distance(const struct fl_render *render);

// lo and hi of a fixed stretch as the float32 that levels are made with: between neighbours of them
// where float32 does not hold them, and never equal unless a and b are.
void fl_render_fixed(const struct fl_stretch *stretch, float *lo, float *hi);
