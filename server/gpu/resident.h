#pragma once

#include "features.h"

#include "server/data/map.h"

// One feature map in GPU memory: its values, and per kind of norms (enum fl_norms) the inverse norms
// and, for CENTRED, what is taken from each cell's values. Norms follow when first asked for.
struct fl_resident {
    struct fl_resident *next; // in the store
    uint64_t id;              // never used twice
    struct fl_map *map;       // shared
    struct fl_features features;
    struct fl_resident_norms {
        struct fl_raster inverse, shifts; // shifts: CENTRED alone
        bool counted;                     // in `bytes`
        bool begun;
        int32_t rows; // uploaded so far
    } norms[FL_NORMS];
    bool is_mirrored; // its tiles have buffers (lanes.h), or cannot have them
    uint64_t bytes;   // counted against the budget
    uint64_t used;    // when last, by the store's count
};

// What the map takes with its first norms and the rasters of the passes; and each kind of norms.
// The map is loaded.
uint64_t fl_resident_bytes(const struct fl_map *map, const struct fl_limits *limits);
uint64_t fl_resident_norms_bytes(const struct fl_map_facts *facts, enum fl_norms norms);

enum fl_err fl_resident_init(struct fl_resident *self, struct fl_map *map,
                             const struct fl_limits *limits, struct fl_error *error) FL_CHECKED;
void fl_resident_finish(struct fl_resident *self); // zeroed is fine

bool fl_resident_ready(const struct fl_resident *self, enum fl_norms norms);
// Uploads one slice of what these norms need.
enum fl_err fl_resident_fill(struct fl_resident *self, enum fl_norms norms,
                             const struct fl_limits *limits, struct fl_error *error) FL_CHECKED;
