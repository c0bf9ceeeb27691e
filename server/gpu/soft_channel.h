#pragma once

#include "server/base/render.h"

#include <stdbool.h>

// What stands in for pass 1 of the software engine where nothing is compared: one channel of every
// cell, or its norm. On all threads of the crew.
struct fl_crew;
struct fl_map;

struct fl_soft_channel {
    const struct fl_map *map; // loaded
    const float *values;      // of the map (widened.h); NULL: its rows are read one by one
    enum fl_mode mode;        // CHANNEL or NORM
    uint32_t channel;         // of CHANNEL
};

// w * h numbers into `out`, NaN where a cell is invalid. False: no memory.
bool fl_soft_channel_run(struct fl_crew *crew, const struct fl_soft_channel *task, float *out);
