#pragma once

#include "dtype.h"
#include "map.h"
#include "mapping.h"
#include "progress.h"

// How a file becomes a struct fl_map; private to server/data. A reader fills a source from the
// file's header alone; the map takes it and asks for the values when it is loaded.
//
// Values that lie in memory (mapped files, buffers) are told by `base`, type and strides. Values
// that must be made (unpacked, computed) are told by `decode`; then base is NULL and type, swap and strides
// do not count. All-zero is empty: fl_map_source_finish of it does nothing.
struct fl_map_source {
    int32_t w, h, d; // at least 1; at most FL_MAX_SIDE, FL_MAX_SIDE, FL_MAX_CHANNELS
    char dtype[16];  // for fl_map_facts, as in the file

    enum fl_dtype type;
    bool swap;                              // fl_dtype_read
    const void *base;                       // borrowed from mapping or owned; value (0, 0, 0)
    ptrdiff_t stride_y, stride_x, stride_c; // in elements; may be negative
    struct fl_mapping *mapping;             // owned, or NULL
    void *owned;                            // owned, from malloc, or NULL
    bool ignores;                           // values that are `ignored` stand for none: NaN
    double ignored;

    float *axis;        // owned; d values in axis_unit that the channels stand for, or NULL
    char axis_unit[16]; // "nm", ...; "": not known

    // Loader thread, at most once unless it failed. *out: h * w * d float32, channels fastest, from
    // malloc; the map takes it. `progress` is told how far it is; NULL: nobody asks.
    enum fl_err (*decode)(void *user, float **out, const struct fl_progress *progress,
                          struct fl_error *error);
    // The same where the values need only be unpacked: into `len` bytes that the map owns, of which
    // value (0, 0, 0) lies at `offset`.
    enum fl_err (*unpack)(void *user, void *out, size_t len, const struct fl_progress *progress,
                          struct fl_error *error);
    size_t len, offset;
    void (*finish)(void *user); // or NULL; called once when the map has no more use for user
    void *user;                 // owned by the source, ended with finish
};

// float32 values that lie ready as (h, w, d), borrowed; where the map shall free them, set `owned`, too.
struct fl_map_source fl_map_source_of(const float *values, int32_t w, int32_t h, int32_t d);
void fl_map_source_finish(struct fl_map_source *source);

// One reference. Takes the source, also when it fails (*source is zeroed). `extent`: x0 < x1 and
// y0 < y1, finite.
struct fl_map *fl_map_create(const char *name, struct fl_map_source *source,
                             const double extent[4]);

// What is known of where a new map comes from, before others see it: `stamp` of its file (stamp.h, 0:
// none) and how often a map of this name was replaced.
void fl_map_set_stamp(struct fl_map *map, uint64_t stamp);
void fl_map_set_rev(struct fl_map *map, uint32_t rev);
// Whether `map` was made of the same file, read the same way, as `old`, which can still be used.
bool fl_map_is_same(const struct fl_map *map, const struct fl_map *old);

// Checks a shape against the limits, and w * h * d * 4 against overflow and all the memory this
// machine (or container) has: *bytes is that product.
// `what` begins the sentence: a file's name.
enum fl_err fl_map_shape_check(const char *what, uint64_t w, uint64_t h, uint64_t d,
                               uint64_t *bytes, struct fl_error *error) FL_CHECKED;

// Refuses `bytes` that do not fit into the memory that is available now; the sentence has both figures.
enum fl_err fl_map_memory_check(const char *what, uint64_t bytes,
                                struct fl_error *error) FL_CHECKED;
