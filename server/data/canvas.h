#pragma once

#include <stdbool.h>
#include <stdint.h>

// A picture that is being painted: linear light, and twice as fine as it will be, so that edges
// come out smooth. All positions and lengths are in pixels of the finished picture. One thread at
// a time; it paints on all cores where that pays.
struct fl_canvas {
    int32_t w, h;        // of the finished picture
    struct fl_light *at; // owned; 2 w * 2 h
};

struct fl_light { // linear, 1 is white
    float r, g, b;
};

struct fl_paint {
    struct fl_light light;
    float cover; // 0 .. 1
};

bool fl_canvas_init(struct fl_canvas *canvas, int32_t w, int32_t h); // black; false without memory
void fl_canvas_finish(struct fl_canvas *canvas);

struct fl_light fl_light_of(uint32_t srgb); // 0xRRGGBB
struct fl_light fl_light_mix(struct fl_light a, struct fl_light b, float t);
struct fl_light fl_light_scale(struct fl_light light, float by);

float fl_smooth(float low, float high, float x); // 0 below low, 1 above high, smooth between

// Asks `fn` for every point of box [x0, y0, x1, y1] (as far as it is on the canvas); by many
// threads at once.
typedef struct fl_paint (*fl_paint_fn)(const void *user, float x, float y);
void fl_canvas_fill(struct fl_canvas *canvas, const float box[4], fl_paint_fn fn, const void *user);

// An ellipse, turned by `angle` (radians, clockwise). `soft` from 0 (hard edge) to 1 (fades from
// the middle on); cover at its middle.
struct fl_dab {
    float x, y, rx, ry, angle, soft, cover;
};
void fl_canvas_dab(struct fl_canvas *canvas, const struct fl_dab *dab, struct fl_light light);
// The light of what is there, multiplied: a shadow.
void fl_canvas_darken(struct fl_canvas *canvas, const struct fl_dab *dab, struct fl_light by);

// A straight stroke that changes its width from w0 to w1 and its light from `from` to `to`.
struct fl_stroke {
    float x0, y0, x1, y1, w0, w1;
    struct fl_light from, to;
};
void fl_canvas_stroke(struct fl_canvas *canvas, const struct fl_stroke *stroke);

struct fl_light fl_canvas_look(const struct fl_canvas *canvas, float x, float y);

// The finished picture: w * h * 3 bytes of sRGB.
void fl_canvas_develop(const struct fl_canvas *canvas, uint8_t *rgb);
