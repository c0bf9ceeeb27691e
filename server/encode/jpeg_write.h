#pragma once

#include <stdint.h>

struct fl_buf;
struct fl_jpeg; // one thread's compressor

struct fl_jpeg *fl_jpeg_create(void);       // NULL without memory
void fl_jpeg_destroy(struct fl_jpeg *jpeg); // NULL is fine

// w * h * channels bytes (1 grey, 3 RGB; 4:4:4: block edges of a heat map are coloured), rows from
// the top. A new reference, or NULL when TurboJPEG refuses (logged) or there is no memory.
struct fl_buf *fl_jpeg_write(struct fl_jpeg *jpeg, const uint8_t *pixels, int32_t w, int32_t h,
                             int32_t channels, int32_t quality);
