#pragma once

#include "features.h"
#include "metric.h"

// The cheap passes from raster to raster, one number a cell: a channel or the norms instead of a
// similarity (channel.frag), a metric's number from a chord (curve.frag), fewer pixels than cells
// (shrink.frag).
struct fl_cellwise {
    GLuint channel, curve, shrink;
    GLint u_tile, u_channel;
    GLint u_sheet, u_curve;
    GLint u_grid, u_window, u_offset, u_per, u_self, u_keeping;
};

struct fl_shrink {
    int32_t window[4]; // cells, half-open
    bool has_ref;      // its pixel keeps its value
    int32_t ref[2];
};

bool fl_cellwise_init(struct fl_cellwise *self); // false (and logged): a shader was refused
void fl_cellwise_finish(struct fl_cellwise *self);

enum { FL_CHANNEL_NORM = -1 };
void fl_cellwise_channel(const struct fl_cellwise *self, const struct fl_features *features,
                         const struct fl_raster *inverse, int32_t channel,
                         const struct fl_raster *out);
void fl_cellwise_curve(const struct fl_cellwise *self, const struct fl_raster *chords,
                       enum fl_curve curve, const struct fl_raster *out);
// The window on out's w x h cells, none larger than the window's.
void fl_cellwise_shrink(const struct fl_cellwise *self, const struct fl_raster *cells,
                        const struct fl_shrink *how, const struct fl_raster *out);
