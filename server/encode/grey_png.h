#pragma once

#include <stddef.h>
#include <stdint.h>

struct fl_buf;

// PNGs of 8-bit grey, as any decoder reads them: filter AVG, and libdeflate's fastest level behind it.
// On real maps as small as zlib's Z_RLE, in a quarter of its time; smooth pictures gain nothing, and what is
// almost nothing but runs has up to a third more of few bytes. One for each thread.
struct fl_grey_png;

struct fl_grey_png *fl_grey_png_create(void);       // NULL: no memory
void fl_grey_png_destroy(struct fl_grey_png *self); // NULL is fine

// `pixels`: w * h, rows from the top. A new reference, or NULL: more than `most` bytes, or no memory.
struct fl_buf *fl_grey_png_write(struct fl_grey_png *self, const uint8_t *pixels, int32_t w,
                                 int32_t h, size_t most);
