#pragma once

#include <stddef.h>
#include <stdint.h>

struct fl_buf;

// A PNG of 8-bit grey, as any decoder reads it: filter AVG, and deflate.h behind it. As libpng's with
// Z_RLE, in a quarter of the time. `pixels`: w * h, rows from the top.
// A new reference, or NULL: more than `most` bytes, or no memory. Any thread.
struct fl_buf *fl_grey_png_write(const uint8_t *pixels, int32_t w, int32_t h, size_t most);
