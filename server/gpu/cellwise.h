#pragma once

#include "features.h"
#include "server/data/metric.h"

// The cheap passes from raster to raster, one number a cell: a channel or the norms instead of a
// similarity (channel.frag), a metric's number from a chord (curve.frag), fewer pixels than cells
// (shrink.frag).
enum { FL_CURVES_SIGNS = 3 }; // of positive references, of negative ones, of both

struct fl_cellwise {
    GLuint channel, shrink;
    GLint u_tile, u_channel;
    struct fl_curve_program {
        GLuint program;
        GLint u_sheet, u_curve;
    } curves[FL_CURVES_SIGNS];
    GLint u_grid, u_window, u_offset, u_per, u_self, u_keeping, u_n_keeping;
};

struct fl_shrink {
    int32_t window[4];          // cells, half-open
    const struct fl_cell *refs; // whose pixels keep their values
    uint32_t n_refs;            // at most FL_MAX_REFS
};

bool fl_cellwise_init(struct fl_cellwise *self); // false (and logged): a shader was refused
void fl_cellwise_finish(struct fl_cellwise *self);

enum { FL_CHANNEL_NORM = -1 };
void fl_cellwise_channel(const struct fl_cellwise *self, const struct fl_features *features,
                         const struct fl_raster *inverse, int32_t channel,
                         const struct fl_raster *out);
// The numbers of `like` less those of `unlike`; one of them may be NULL.
void fl_cellwise_curve(const struct fl_cellwise *self, const struct fl_raster *like,
                       const struct fl_raster *unlike, enum fl_curve curve,
                       const struct fl_raster *out);
// The window on out's w x h cells, none larger than the window's.
void fl_cellwise_shrink(const struct fl_cellwise *self, const struct fl_raster *cells,
                        const struct fl_shrink *how, const struct fl_raster *out);
