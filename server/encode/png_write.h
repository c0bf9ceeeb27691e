#pragma once

#include <stddef.h>
#include <stdint.h>

struct fl_buf;
struct fl_grey_png;

// PNG as Farlook's frames want it: fast, within a budget, into a buffer that viewers share.
struct fl_png {
    const uint8_t *pixels; // w * h * channels, rows from the top; 1 bit: one byte (0 or 1) a pixel
    int32_t w, h;
    int32_t channels;         // 1 grey, 3 RGB
    int32_t bits;             // 8, or 1 (grey)
    size_t budget;            // give up above this many bytes; 0: never
    struct fl_grey_png *grey; // the thread's own, for 8-bit grey; NULL: libpng makes all
};

// A new reference, or NULL: over the budget, or no memory. Any thread.
struct fl_buf *fl_png_write(const struct fl_png *png);
