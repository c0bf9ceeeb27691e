#pragma once

#include "server/data/metric.h"

#include <stddef.h>

// Pass 1 of the software engine: similarities of every cell with up to FL_MAX_REFS references, in
// one go through the map's values where they lie, on all threads of the crew.
struct fl_crew;

struct fl_soft_ref {
    const float *vector; // d values as fl_references has them, borrowed
    int32_t i, j;        // its cell; i is -1: none of this map
    // w * h numbers: CHORD as similarity.frag leaves it; NaN where there is no direction.
    float *out;
    bool joins; // the nearer of what the references before it left in `out` and its own
};

struct fl_soft_pass {
    const struct fl_map *map; // loaded, with these norms
    const float *values;      // of the map (widened.h); NULL: its rows are read one by one
    enum fl_form form;
    enum fl_norms norms;
    const struct fl_soft_ref *refs;
    size_t n_refs;
    bool has_negative; // a reference has values below zero
    float largest;     // of the references' absolute values
};

bool fl_soft_pass_run(struct fl_crew *crew, const struct fl_soft_pass *pass); // false: no memory
