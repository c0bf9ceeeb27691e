#include "grey_png.h"

#include "deflate.h"
#include "proto/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    BLOCK = 32768, // bytes whose codes are made together
    AVERAGE = 3,   // the filter
    FRONT = 8 + 25 + 8,
    BACK = 4 + 12,
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
    return put_32(out, (uint32_t)crc32_z(crc32_z(0, NULL, 0), out - len - 4, len + 4));
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

static bool put_rows(struct fl_deflate *deflate, const uint8_t *pixels, size_t w, size_t h,
                     size_t at_a_time)
{
    uint8_t *filtered = malloc(at_a_time * (w + 1));
    bool ok = filtered != NULL;

    for (size_t y = 0; ok && y < h; y += at_a_time) {
        size_t rows = at_a_time < h - y ? at_a_time : h - y;
        for (size_t k = 0; k < rows; k++) {
            const uint8_t *row = pixels + (y + k) * w;
            filter_row(row, y + k > 0 ? row - w : NULL, w, filtered + k * (w + 1));
        }
        ok = fl_deflate_block(deflate, filtered, rows * (w + 1), y + rows == h);
    }
    free(filtered);
    return ok;
}

static bool put_picture(struct fl_buf *buf, const uint8_t *pixels, int32_t w, int32_t h,
                        size_t most)
{
    size_t row = (size_t)w + 1, at_a_time = row < BLOCK ? BLOCK / row : 1;
    struct fl_deflate *deflate = fl_deflate_create(at_a_time * row);
    uint8_t *len_at = put_head(fl_buf_bytes(buf), w, h);
    uint8_t *data = put_name(len_at + 4, "IDAT");
    bool ok = false;

    if (deflate) {
        fl_deflate_begin(deflate, data, most - FRONT - BACK);
        ok = put_rows(deflate, pixels, (size_t)w, (size_t)h, at_a_time);
    }
    if (ok) {
        size_t len = fl_deflate_len(deflate);
        put_32(len_at, (uint32_t)len);
        uint8_t *end = put_name(put_32(put_sum(data + len, len), 0), "IEND");
        fl_buf_set_len(buf, (size_t)(put_sum(end, 0) - fl_buf_bytes(buf)));
    }
    fl_deflate_destroy(deflate);
    return ok;
}

struct fl_buf *fl_grey_png_write(const uint8_t *pixels, int32_t w, int32_t h, size_t most)
{
    struct fl_buf *buf = most > FRONT + BACK ? fl_buf_create(most + FL_DEFLATE_SPARE) : NULL;

    if (!buf || put_picture(buf, pixels, w, h, most))
        return buf;
    fl_buf_unref(buf);
    return NULL;
}
