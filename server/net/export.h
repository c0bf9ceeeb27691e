#pragma once

#include "server/base/frame.h"

#include <stddef.h>

struct fl_buf;
struct fl_text;

// What HTTP hands out of a finished frame, besides its picture. Pure but for allocation.

struct fl_buf *fl_export_nans(size_t n); // n float32 NaN; NULL without memory

// The reference's vector, of the map that it lies in. {"cell", "norm", "vector"} and, where the map says
// what its channels stand for, "axis": {"unit", "values"}, as text, malloc'ed; NULL without memory.
char *fl_export_vector_json(const struct fl_frame *frame);

// "channel,value" and a line for each value; NaN and infinities as nan, inf. With an axis it is the second
// of three columns, headed by its unit, "axis" where that is not known. malloc'ed; NULL without memory.
char *fl_export_vector_csv(const struct fl_frame *frame);

// What made a frame, besides what the frame says itself.
struct fl_export_names {
    const char *version, *scene, *layer;
};

// One chunk per parameter that made the picture, named as in a query.
void fl_export_png_text(const struct fl_frame *frame, const struct fl_state *state,
                        const struct fl_export_names *names, struct fl_text *out);

// The references in picture coordinates: those of the state, or the centre of the cell that stands for
// none. How many; 0 for a region.
uint32_t fl_export_points(const struct fl_frame *frame, const struct fl_state *state,
                          struct fl_point out[FL_MAX_REFS]);

// A number as short as it can be told and come back the same.
enum { FL_NUMBER = 32 };
const char *fl_export_number(double value, char out[FL_NUMBER]);
