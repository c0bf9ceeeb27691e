#pragma once

#include "map.h"

// The values of a map as the levels of IFeaLiD tiles: round((x - min) / (max - min) * most), in double.
struct fl_ifealid_levels {
    int32_t precision; // bits: 8, 16 or 32; most is 2^bits - 1
    double min, max;   // of the whole map; equal: every level is 0
    int32_t n_tiles;
    uint8_t **tiles; // owned; each w * h * 4 bytes: a pixel of 4, 2 or 1 channels, least
                     // significant byte first. NULL once it was taken
};

// A loaded map. Refuses NaN and Inf, with the first such cell in the sentence. `what` names the map.
enum fl_err fl_ifealid_levels_make(const struct fl_map *map, const char *what, int32_t precision,
                                   struct fl_ifealid_levels *out,
                                   struct fl_error *error) FL_CHECKED;
void fl_ifealid_levels_finish(struct fl_ifealid_levels *levels); // zeroed is fine
