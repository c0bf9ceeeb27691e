#include "check.h"

#include "server/base/log.h"
#include "server/data/envi.h"
#include "server/data/envi_header.h"

#include <math.h>

// An ENVI cube: the header up to the first zero byte, then the values. Its picture is compared with
// the header's bands, read one value at a time and sorted.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static float value_of(const struct fl_envi_header *header, const uint8_t *values, uint64_t cell,
                      uint64_t band)
{
    uint64_t w = header->w, x = cell % w, y = cell / w, at = 0;
    float value = 0;

    switch (header->order) {
    case FL_ENVI_BSQ:
        at = band * w * header->h + cell;
        break;
    case FL_ENVI_BIL:
        at = (y * header->bands + band) * w + x;
        break;
    case FL_ENVI_BIP:
        at = cell * header->bands + band;
        break;
    }
    values += header->offset + at * fl_dtype_size(header->type);
    fl_dtype_read(header->type, header->swap, values, 1, 1, &value);
    bool none =
        header->ignores && fl_dtype_is(header->type, header->swap, values, value, header->ignored);
    return none || !isfinite(value) ? NAN : value;
}

static int by_value(const void *a, const void *b)
{
    const float *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

// The levels of a band; -1: no data.
static void level_band(const struct fl_envi_header *header, const uint8_t *values, uint64_t band,
                       int *levels)
{
    uint64_t cells = header->w * header->h, n = 0;
    double lo = header->shown.lo, hi = header->shown.hi;
    float *sorted = malloc(cells * sizeof *sorted);

    if (!sorted)
        abort();
    for (uint64_t k = 0; k < cells; k++)
        if (!isnan(sorted[n] = value_of(header, values, k, band)))
            n++;
    qsort(sorted, n, sizeof *sorted, by_value);
    if (!header->shown.fixed && n > 0) {
        lo = (double)sorted[llround(lo / 100 * (double)(n - 1))];
        hi = (double)sorted[llround(hi / 100 * (double)(n - 1))];
    }
    for (uint64_t k = 0; k < cells; k++) {
        double value = (double)value_of(header, values, k, band);
        double s = lo < hi ? (value - lo) / (hi - lo) : 0.5;
        levels[k] = isnan(value) ? -1 : (int)lround(255 * fmin(fmax(s, 0), 1));
    }
    free(sorted);
}

static void check_picture(struct fl_picture *picture, const struct fl_envi_header *header,
                          const uint8_t *values)
{
    uint64_t cells = header->w * header->h;
    int32_t n = header->shown.n;
    int *levels = malloc(cells * 3 * sizeof *levels);
    struct fl_error error = {0};

    if (!picture && n == 0) {
        free(levels);
        return;
    }
    if (!levels || !picture || fl_picture_load(picture, &error))
        abort();
    for (int32_t k = 0; k < 3; k++)
        level_band(header, values, (uint64_t)header->shown.bands[k % n],
                   levels + (uint64_t)k * cells);
    const uint8_t *rgb = fl_picture_rgb(picture);
    for (uint64_t cell = 0; cell < cells; cell++) {
        bool blank = false;
        for (uint64_t k = 0; k < 3; k++)
            blank = blank || levels[k * cells + cell] < 0;
        for (uint64_t k = 0; k < 3; k++)
            if (rgb[3 * cell + k] != (blank ? 0 : levels[k * cells + cell]))
                abort();
    }
    free(levels);
    fl_picture_unref(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *zero = len > 0 ? memchr(bytes, 0, len) : NULL;
    size_t text_len = zero ? (size_t)(zero - bytes) : len, n = zero ? len - text_len - 1 : 0;
    // Each exactly as long as it is, so that AddressSanitizer sees every step beyond it.
    uint8_t *text = malloc(text_len ? text_len : 1), *values = malloc(n ? n : 1);
    struct fl_map_source source;
    struct fl_picture *picture = NULL;
    struct fl_envi_header header;
    struct fl_error error = {0};

    fl_log_set_level(FL_LOG_ERROR);
    if (!text || !values)
        abort();
    if (text_len > 0)
        memcpy(text, bytes, text_len);
    if (n > 0)
        memcpy(values, zero + 1, n);
    const struct fl_file_bytes head = {"fuzz.hdr", text, text_len, NULL};
    const struct fl_file_bytes file = {"fuzz.img", values, n, NULL};
    enum fl_err err = fl_envi_read(&head, &file, &source, &picture, &error);
    if (err) {
        check_refusal(err, &error);
    } else {
        if (fl_envi_parse("fuzz.hdr", text, text_len, &header, &error))
            abort();
        check_source(&source);
        check_picture(picture, &header, values);
        fl_envi_header_finish(&header);
    }
    free(values);
    free(text);
    return 0;
}
