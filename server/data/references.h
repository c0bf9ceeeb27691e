#pragma once

#include "metric.h"

#include "proto/err.h"

#include <stdatomic.h>

// What the cells of a map are compared with: the vectors of a render's references, made once for all
// who compute with them. Shared by reference count (any thread); never changes once it is made.
//
// For angles these are unit vectors, less what the metric takes from them; for the other metrics the
// values as they are. A region is one vector: the mean of those of its cells that have a direction.
// References without a direction are left out.
struct fl_references {
    _Atomic(unsigned) refs;
    uint32_t n;                        // 0: nothing can be compared
    int32_t d;                         // of each
    struct fl_cell cells[FL_MAX_REFS]; // sign, and where it lies; i is -1: in no single cell here
    float *vectors;                    // owned; n of d values
    double *exact;                     // owned; the same in float64, before they were rounded
    bool has_negative;                 // one of the values is below zero
    float largest;                     // of all absolute values

    // Whose they are: so that a region is not gone through again.
    uint64_t map;
    enum fl_norms norms;
    bool foreign, unit, has_region;
    int32_t region[4];
};

// Of `map`, loaded with the norms of the render's metric (else `exact` alone is made, `vectors` is
// NULL). `foreign`: another map is compared with them. NULL and a sentence: there is no memory, or
// fl_references_check refuses them. Goes through a region on all cores.
struct fl_references *fl_references_create(const struct fl_map *map, bool foreign,
                                           const struct fl_render *render, struct fl_error *error);
struct fl_references *fl_references_ref(struct fl_references *self); // returns self
void fl_references_unref(struct fl_references *self);                // NULL is fine

// Whether they are those of this render's region: never true without one.
bool fl_references_are(const struct fl_references *self, const struct fl_map *map, bool foreign,
                       const struct fl_render *render);
// Whether some are to be like (sign 1), or unlike (-1).
bool fl_references_have(const struct fl_references *self, int32_t sign);

// Refuses what a metric cannot do: `unlike` with another than those of angles.
enum fl_err fl_references_check(const struct fl_render *render, struct fl_error *error) FL_CHECKED;
