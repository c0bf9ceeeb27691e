#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Pixels as a PNG file in memory, through libpng. Any thread.
struct fl_png_pixels {
    // Borrowed; w * h * channels, rows from the top; 1 bit: one byte (0 or 1) a pixel.
    const uint8_t *at;
    int32_t w, h;
    int32_t channels; // 1 grey, 3 RGB, 4 RGBA
    int32_t bits;     // 8, or 1 (grey)
    // As frames want it, fast, and small on noisy maps: filter AVG, run lengths only, zlib level 1:
    // measured 0 to 4 % larger than level 6 and up to 6.5 times faster. Else as libpng does it.
    bool fast;
};

// Bytes that the file has at the most.
size_t fl_png_pack_bound(const struct fl_png_pixels *pixels);
// The file's length in `out`; 0: more than `size` bytes, or no memory.
size_t fl_png_pack(const struct fl_png_pixels *pixels, uint8_t *out, size_t size);
