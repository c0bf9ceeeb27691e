#pragma once

#include "server/base/frame.h"

#include <stddef.h>

struct fl_buf;
struct fl_text;

// What HTTP hands out of a finished frame, besides its picture. Pure but for allocation.

enum { FL_NPY_HEAD = 128 };

// The header of a .npy of little-endian float32 in C order: n = 1 or 2 sides. Its length (always
// FL_NPY_HEAD: version 1.0, padded to 64 bytes, and two such blocks hold every header); `out` gets a
// terminator behind it.
size_t fl_export_npy_head(const int32_t *shape, int n, char out[FL_NPY_HEAD + 1]);

struct fl_buf *fl_export_nans(size_t n); // n float32 NaN; NULL without memory

// {"cell", "norm", "vector"} as text, malloc'ed; NULL without memory.
char *fl_export_vector_json(const struct fl_frame *frame);

// One chunk per parameter that made the picture, named as in a query.
struct fl_export_names {
    const char *version, *scene, *layer;
};
void fl_export_png_text(const struct fl_frame *frame, const struct fl_state *state,
                        const struct fl_export_names *names, struct fl_text *out);
