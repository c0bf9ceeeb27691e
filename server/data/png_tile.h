#pragma once

#include <stddef.h>
#include <stdint.h>

// w * h pixels of four bytes as an 8-bit RGBA PNG. malloc'ed, *len bytes; NULL without memory. Any thread.
uint8_t *fl_png_tile_write(const uint8_t *rgba, int32_t w, int32_t h, size_t *len);
