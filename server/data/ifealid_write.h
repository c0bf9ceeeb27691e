#pragma once

#include "proto/err.h"

#include <stddef.h>
#include <stdint.h>

struct fl_ifealid_levels;
struct fl_map_facts;

// Writes IFeaLiD data sets (ifealid.h has the format) as the authors' own script does: every entry
// stored, no other entries, and the same bytes for the same input.
struct fl_ifealid_set {
    const char *what;       // the file's name in sentences
    const char *name;       // of the data set, UTF-8
    int32_t w, h, d;        // of the map
    const uint8_t *overlay; // borrowed; a JPEG's bytes, or NULL
    size_t overlay_len;
};

// Into the file of this path, whatever it holds now. Takes the tiles out of `levels`. FL_ERR_IO,
// FL_ERR_TOO_BIG.
enum fl_err fl_ifealid_write(const char *path, const struct fl_ifealid_set *set,
                             struct fl_ifealid_levels *levels, struct fl_error *error) FL_CHECKED;
