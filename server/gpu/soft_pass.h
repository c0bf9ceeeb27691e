#pragma once

#include "metric.h"

#include <stddef.h>

// Pass 1 of the software engine: similarities of every cell with up to FL_MAX_REFS references, in
// one go through the map's values where they lie, on all threads of the crew.
struct fl_crew;

struct fl_soft_ref {
    const float *vector; // d values, borrowed
    int32_t i, j;        // its cell
    float *out;          // w * h numbers of the metric, NaN where a cell has no direction
};

struct fl_soft_pass {
    const struct fl_map *map; // loaded, with the norms that the metric needs
    enum fl_metric metric;
    enum fl_norms norms;
    const struct fl_soft_ref *refs;
    size_t n_refs; // 1 unless the metric is one of angles
};

bool fl_soft_pass_run(struct fl_crew *crew, const struct fl_soft_pass *pass); // false: no memory

// The same for a channel, or (FL_MODE_NORM) the norms.
bool fl_soft_pass_channel(struct fl_crew *crew, const struct fl_map *map, enum fl_mode mode,
                          uint32_t channel, float *out);
