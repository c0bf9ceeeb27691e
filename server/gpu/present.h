#pragma once

#include "backdrop.h"
#include "raster.h"

#include "server/base/render.h"

// Pass 4: cells become what is read back: levels (R8), the numbers themselves (R32F), or a
// finished picture (RGBA8).
struct fl_present {
    GLuint levels, values, colour;
    struct {
        GLint grid, origin, invert;
    } u_levels, u_values;
    struct {
        GLint grid, window, offset, per, invert, colormap, opacity, under, place, detail;
    } u_colour;
    GLuint colours; // texture: 256 levels, one row a colour map
};

struct fl_present_task {
    const struct fl_raster *cells; // the map's, or already as few as pixels
    int32_t window[4];             // what of it is shown, half-open
    int32_t w, h; // of the picture made; levels and values: as many as the window's
    GLuint stats; // lo and hi (reduce.h)
    bool invert;
    enum fl_output output;

    // Colour only.
    enum fl_colormap colormap;
    bool reversed;
    float opacity;
    enum fl_under under;
    const struct fl_backdrop *backdrop; // NULL with FL_UNDER_NONE
    double
        place[4]; // where in the picture (0 .. 1) pixel 0 begins, and by how much one pixel moves
};

bool fl_present_init(struct fl_present *self); // false (and logged): a shader was refused
void fl_present_finish(struct fl_present *self);

GLenum fl_present_format(enum fl_output output); // of the target
// The part of the picture that begins at pixel (x, y), as much of it as `out` holds of piece.w x
// piece.h.
void fl_present_draw(const struct fl_present *self, const struct fl_present_task *task,
                     struct fl_rect piece, const struct fl_target *out);
