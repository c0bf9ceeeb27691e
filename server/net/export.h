#pragma once

#include "server/base/frame.h"

#include <stddef.h>

struct fl_buf;
struct fl_text;

// What HTTP hands out of a finished frame, besides its picture. Pure but for allocation.

struct fl_buf *fl_export_nans(size_t n); // n float32 NaN; NULL without memory

// {"cell", "norm", "vector"} as text, malloc'ed; NULL without memory.
char *fl_export_vector_json(const struct fl_frame *frame);

// One chunk per parameter that made the picture, named as in a query.
struct fl_export_names {
    const char *version, *scene, *layer;
};
void fl_export_png_text(const struct fl_frame *frame, const struct fl_state *state,
                        const struct fl_export_names *names, struct fl_text *out);
