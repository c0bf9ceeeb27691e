#pragma once

#include "lanes.h"
#include "resident.h"

// The feature maps in GPU memory, within a budget: a map that needs room pushes out those unused for
// the longest. GPU thread only.
struct fl_store {
    struct fl_limits limits;
    uint64_t budget, bytes; // bytes: of all residents
    uint64_t clock, ids;
    struct fl_resident *first; // owned
};

void fl_store_init(struct fl_store *self, const struct fl_limits *limits, uint64_t budget);
void fl_store_finish(struct fl_store *self); // zeroed is fine

// The map with these norms if all of it is there, else NULL. Counts as use.
struct fl_resident *fl_store_find(struct fl_store *self, const struct fl_map *map,
                                  enum fl_norms norms);
// One slice of what fl_store_find misses. FL_ERR_TOO_BIG before anything is allocated when it
// cannot fit; FL_ERR_GONE when the file shrank under it. On an error the map is dropped.
enum fl_err fl_store_fill(struct fl_store *self, struct fl_map *map, enum fl_norms norms,
                          struct fl_error *error) FL_CHECKED;
// Gives a ready map the buffers that FL_WAY_BUFFER goes over, once, where the budget has room for them.
void fl_store_mirror(struct fl_store *self, struct fl_resident *resident, struct fl_lanes *lanes);
void fl_store_drop(struct fl_store *self, const struct fl_map *map);
