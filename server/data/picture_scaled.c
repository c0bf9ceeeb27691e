#include "picture.h"

#include "server/base/mem.h"

#include <assert.h>
#include <math.h>

// Area means, separable: rows are added up into one row of sums, which is then added up across.

struct span { // the pixels first .. last that a reduced pixel covers, the ends in part
    int32_t first, last;
    double from, to;
};

static struct span cover(int32_t at, int32_t small, int32_t large)
{
    struct span span = {
        .from = (double)at * large / small,
        .to = (double)(at + 1) * large / small,
    };

    span.first = (int32_t)span.from;
    span.last = (int32_t)ceil(span.to) - 1;
    if (span.last >= large)
        span.last = large - 1;
    return span;
}

static double weight(const struct span *span, int32_t at)
{
    return fmin(span->to, at + 1) - fmax(span->from, at);
}

static void add_rows(const uint8_t *rgb, size_t n, const struct span *rows, double *sums)
{
    for (size_t i = 0; i < n; i++)
        sums[i] = 0;
    for (int32_t y = rows->first; y <= rows->last; y++) {
        const uint8_t *row = rgb + (size_t)y * n;
        double share = weight(rows, y);
        for (size_t i = 0; i < n; i++)
            sums[i] += share * row[i];
    }
}

static void add_columns(const double *sums, const struct span *columns, double area, uint8_t *out)
{
    for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int32_t x = columns->first; x <= columns->last; x++)
            sum += weight(columns, x) * sums[(size_t)x * 3 + (size_t)c];
        out[c] = (uint8_t)fmin(255, sum / area + 0.5);
    }
}

uint8_t *fl_picture_scaled(const struct fl_picture *picture, int32_t w, int32_t *h)
{
    const uint8_t *rgb = fl_picture_rgb(picture);
    int32_t full_w = fl_picture_w(picture), full_h = fl_picture_h(picture);

    assert(rgb);
    w = w < 1 ? 1 : w < full_w ? w : full_w;
    *h = (int32_t)lround((double)full_h * w / full_w);
    if (*h < 1)
        *h = 1;
    uint8_t *out = malloc((size_t)w * (size_t)*h * 3);
    double *sums = malloc((size_t)full_w * 3 * sizeof *sums);
    for (int32_t y = 0; out && sums && y < *h; y++) {
        struct span rows = cover(y, *h, full_h);
        add_rows(rgb, (size_t)full_w * 3, &rows, sums);
        for (int32_t x = 0; x < w; x++) {
            struct span columns = cover(x, w, full_w);
            double area = (rows.to - rows.from) * (columns.to - columns.from);
            add_columns(sums, &columns, area, out + ((size_t)y * (size_t)w + (size_t)x) * 3);
        }
    }
    if (!sums) {
        free(out);
        out = NULL;
    }
    free(sums);
    return out;
}
