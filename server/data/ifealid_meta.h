#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// metadata.json of an IFeaLiD data set. Pure but for the allocation.
struct fl_ifealid_meta {
    int32_t w, h, d;
    int32_t precision; // bits: 8, 16 or 32
    int32_t per_tile;  // channels in one tile: 4, 2 or 1
    int32_t tiles;     // how many tiles d channels take
    bool overlay;      // there is a picture
};

// `what` begins every sentence: the zip's name. FL_ERR_FORMAT, or FL_ERR_TOO_BIG.
enum fl_err fl_ifealid_meta_parse(const char *what, const void *json, size_t len,
                                  struct fl_ifealid_meta *out, struct fl_error *error) FL_CHECKED;
