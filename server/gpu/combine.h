#pragma once

#include "raster.h"
#include "server/data/metric.h"

// Several references of one sign become one number a cell: that of the nearest (shaders/combine.frag).
// GPU thread only.
struct fl_combine {
    struct fl_limits limits;
    GLuint program; // 0: not made yet
    GLint u_sheet, u_sheets, u_range, u_joins, u_nearest;
    struct fl_raster alone; // where one reference is drawn that joins others
    struct fl_raster held;  // what they left, while it is read
};

struct fl_combine_task {
    GLuint made;     // R32F array: the sheets of each reference
    int32_t from, n; // which of them
    bool joins;      // `out` holds numbers of references before these
    enum fl_form form;
};

void fl_combine_init(struct fl_combine *self, const struct fl_limits *limits);
void fl_combine_finish(struct fl_combine *self); // zeroed is fine

// A raster of out's size to draw a single reference into. NULL: the driver has no room.
const struct fl_raster *fl_combine_alone(struct fl_combine *self, const struct fl_raster *out);
// False (and logged): the driver has no room or cannot.
bool fl_combine_draw(struct fl_combine *self, const struct fl_combine_task *task,
                     const struct fl_raster *out);
