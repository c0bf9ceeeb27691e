#pragma once

#include "source.h"

#include <stdatomic.h>

// struct fl_map in the open, for map.c (life and facts), map_read.c (values) and map_load.c
// (statistics and norms) alone.

struct fl_map_norms {
    _Atomic(bool) ready; // what follows is complete and never changes again
    _Atomic(float) done; // of the load that makes them, 0 to 1
    float *inverse;      // owned; w * h
    float *shifts;       // owned; w * h, or NULL
};

struct fl_map {
    _Atomic(unsigned) refs;
    char *name; // owned
    struct fl_map_facts facts;
    uint64_t stamp; // fl_map_set_stamp
    // Owned; written by the loader thread alone, before anything is ready.
    struct fl_map_source source;
    struct fl_map_stats stats; // complete once norms[FL_NORMS_ZERO] is ready
    struct fl_map_norms norms[FL_NORMS];
};

struct fl_map_block { // cells: h rows of w columns
    int32_t y, x, h, w;
};

// As fl_map_read_rows, once `base` is there: h * w * d values, channels fastest.
void fl_map_read_block(const struct fl_map *map, const struct fl_map_block *block, float *out);
