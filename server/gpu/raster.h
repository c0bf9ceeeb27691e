#pragma once

#include "gl.h"
#include "limits.h"

// One float32 for each cell of a map: similarities, norms, shifts. As maps may be wider or higher than
// a texture, a raster is cut into sheets, the layers of one R32F array texture; each is a square
// of 2^shift cells, or what the map has less of. Most maps have one.
struct fl_raster {
    GLuint texture, fbo;
    int32_t w, h;            // cells
    int32_t shift;           // log2 of a sheet's side
    int32_t columns, sheets; // sheets in a row, and in all
};

struct fl_rect {
    int32_t x, y, w, h;
};

bool fl_raster_init(struct fl_raster *self, int32_t w, int32_t h,
                    const struct fl_limits *limits); // false: the driver has no room
void fl_raster_finish(struct fl_raster *self);       // zeroed is fine

struct fl_rect fl_raster_sheet(const struct fl_raster *self, int32_t sheet); // its cells
void fl_raster_draw_into(const struct fl_raster *self,
                         int32_t sheet); // and the whole of it viewport
void fl_raster_bind(const struct fl_raster *self, int unit);
void fl_raster_grid(const struct fl_raster *self, GLint u_grid); // sets `uniform ivec2 grid`
// Rows y .. y + n - 1 from n * w values.
void fl_raster_upload(const struct fl_raster *self, int32_t y, int32_t n, const float *values);
