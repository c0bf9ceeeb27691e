#include "grey_png.h"

#include "proto/buf.h"
#include "server/base/mem.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    FASTEST = 1, // of libdeflate's levels: noise behind the filter has little to find but runs
    AVERAGE = 3, // the filter
    FRONT = 8 + 25 + 8,
    BACK = 4 + 12,
};

struct fl_grey_png {
    struct libdeflate_compressor *compressor; // owned
};

struct rows {
    uint8_t *filtered;
    int32_t w, h;
};

static uint8_t *put_32(uint8_t *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *out++ = (uint8_t)(value >> shift);
    return out;
}

// The sum of a chunk's name and data, which lie before it.
static uint8_t *put_sum(uint8_t *out, size_t len)
{
    return put_32(out, libdeflate_crc32(0, out - len - 4, len + 4));
}

static uint8_t *put_name(uint8_t *out, const char *name)
{
    memcpy(out, name, 4);
    return out + 4;
}

static uint8_t *put_head(uint8_t *out, int32_t w, int32_t h)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t kind[5] = {8, 0, 0, 0, 0}; // bits, grey, deflate, filters, no interlace

    memcpy(out, signature, sizeof signature);
    out = put_name(put_32(out + sizeof signature, 13), "IHDR");
    out = put_32(put_32(out, (uint32_t)w), (uint32_t)h);
    memcpy(out, kind, sizeof kind);
    return put_sum(out + sizeof kind, 13);
}

// Less the mean of the pixels to the left and above; outside there are zeros.
static void filter_row(const uint8_t *restrict row, const uint8_t *restrict above, size_t w,
                       uint8_t *restrict out)
{
    out[0] = AVERAGE;
    out[1] = (uint8_t)(row[0] - (above ? above[0] >> 1 : 0));
    for (size_t x = 1; x < w && above; x++)
        out[x + 1] = (uint8_t)(row[x] - ((row[x - 1] + above[x]) >> 1));
    for (size_t x = 1; x < w && !above; x++)
        out[x + 1] = (uint8_t)(row[x] - (row[x - 1] >> 1));
}

// All rows behind their filter; the caller's to free. NULL: no memory.
static uint8_t *filter(const uint8_t *pixels, size_t w, size_t h)
{
    uint8_t *filtered = malloc(h * (w + 1));

    for (size_t y = 0; filtered && y < h; y++) {
        const uint8_t *row = pixels + y * w;
        filter_row(row, y > 0 ? row - w : NULL, w, filtered + y * (w + 1));
    }
    return filtered;
}

static bool put_picture(struct fl_grey_png *self, struct fl_buf *buf, const struct rows *rows,
                        size_t most)
{
    uint8_t *len_at = put_head(fl_buf_bytes(buf), rows->w, rows->h);
    uint8_t *data = put_name(len_at + 4, "IDAT");
    size_t n = (size_t)rows->h * ((size_t)rows->w + 1);
    size_t len =
        libdeflate_zlib_compress(self->compressor, rows->filtered, n, data, most - FRONT - BACK);

    if (len == 0)
        return false; // it does not fit
    put_32(len_at, (uint32_t)len);
    uint8_t *end = put_name(put_32(put_sum(data + len, len), 0), "IEND");
    fl_buf_set_len(buf, (size_t)(put_sum(end, 0) - fl_buf_bytes(buf)));
    return true;
}

struct fl_grey_png *fl_grey_png_create(void)
{
    struct fl_grey_png *self = fl_new(struct fl_grey_png);

    self->compressor = libdeflate_alloc_compressor(FASTEST);
    if (self->compressor)
        return self;
    free(self);
    return NULL;
}

void fl_grey_png_destroy(struct fl_grey_png *self)
{
    if (!self)
        return;
    libdeflate_free_compressor(self->compressor);
    free(self);
}

struct fl_buf *fl_grey_png_write(struct fl_grey_png *self, const uint8_t *pixels, int32_t w,
                                 int32_t h, size_t most)
{
    size_t n = (size_t)h * ((size_t)w + 1);
    size_t bound = libdeflate_zlib_compress_bound(self->compressor, n) + FRONT + BACK;

    most = most < bound ? most : bound;
    if (most <= FRONT + BACK || bound > UINT32_MAX)
        return NULL;
    struct rows rows = {filter(pixels, (size_t)w, (size_t)h), w, h};
    struct fl_buf *buf = rows.filtered ? fl_buf_create(most) : NULL;
    bool done = buf && put_picture(self, buf, &rows, most);

    free(rows.filtered);
    if (done)
        return buf;
    fl_buf_unref(buf);
    return NULL;
}
