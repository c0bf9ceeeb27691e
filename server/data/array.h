#pragma once

#include "layout.h"
#include "source.h"

// An array of numbers as a file tells of it, and its way to a map. Pure but for layout.h's log.

enum { FL_ARRAY_DIMS = 32 }; // as many as NumPy has

struct fl_array {
    enum fl_dtype type;
    bool swap;    // not this machine's byte order
    bool fortran; // the first axis is nearest in memory, not the last
    unsigned n_dims;
    uint64_t dims[FL_ARRAY_DIMS];
};

// The bytes of its values; false where that is no 64-bit number.
bool fl_array_bytes(const struct fl_array *array, uint64_t *out);

// Whether `have` bytes hold its values; more are said in the log. `what` begins the sentences.
enum fl_err fl_array_check_len(const char *what, const struct fl_array *array, uint64_t have,
                               struct fl_error *error) FL_CHECKED;

// Everything of a source but where its values are: shape, type and strides, and `offset`, at which
// value (0, 0, 0) lies where the array's first byte lies at `data`. Checks the shape against the
// limits, not the bytes' length.
enum fl_err fl_array_source(const char *what, const struct fl_array *array,
                            const struct fl_layout_hint *hint, size_t data,
                            struct fl_map_source *out, struct fl_error *error) FL_CHECKED;
