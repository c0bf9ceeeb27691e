#define LOG_MODULE "envi"
#include "envi_picture.h"

#include "image_file.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct made {
    char *what;                 // owned
    struct fl_map_source all;   // borrows its values from `mapping`
    struct fl_mapping *mapping; // a share, or NULL
    struct fl_envi_shown shown;
};

static void finish(void *user)
{
    struct made *made = user;

    fl_mapping_close(made->mapping);
    free(made->what);
    free(made);
}

static void read_band(const struct made *made, int32_t band, float *out)
{
    struct fl_map_source source = made->all;
    ptrdiff_t size = (ptrdiff_t)fl_dtype_size(source.type);

    source.base = (const uint8_t *)source.base + band * source.stride_c * size;
    source.d = 1;
    source.stride_c = 0; // one channel: cells are read as they lie
    struct fl_map *map = fl_map_create("", &source, (double[]){0, 0, 1, 1});
    fl_map_read_rows(map, 0, made->all.h, out);
    fl_map_unref(map);
}

// --- order statistics, by two passes over halves of a number that rises with the value ---

enum { HALVES = 65536 };

static uint32_t rank_of(float value)
{
    uint32_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 31 ? UINT32_MAX : (uint32_t)1 << 31);
}

static float value_of(uint32_t rank)
{
    uint32_t bits = rank ^ (rank >> 31 ? (uint32_t)1 << 31 : UINT32_MAX);
    float value = 0;

    memcpy(&value, &bits, sizeof value);
    return value;
}

// The half in which the number *at lies; *at becomes its place in there.
static uint32_t find_half(const uint64_t counts[HALVES], uint64_t *at)
{
    uint32_t half = 0;

    for (; *at >= counts[half]; half++)
        *at -= counts[half];
    return half;
}

// The value with `at` finite ones below it.
static float find_value(const float *values, size_t n, uint64_t at, uint64_t counts[HALVES])
{
    memset(counts, 0, HALVES * sizeof *counts);
    for (size_t k = 0; k < n; k++)
        if (isfinite(values[k]))
            counts[rank_of(values[k]) >> 16]++;
    uint32_t upper = find_half(counts, &at);
    memset(counts, 0, HALVES * sizeof *counts);
    for (size_t k = 0; k < n; k++)
        if (isfinite(values[k]) && rank_of(values[k]) >> 16 == upper)
            counts[rank_of(values[k]) % HALVES]++;
    return value_of(upper << 16 | find_half(counts, &at));
}

static enum fl_err find_stretch(const struct made *made, const float *values, size_t n,
                                double range[2], struct fl_error *error)
{
    const double ends[2] = {made->shown.lo, made->shown.hi};
    uint64_t valid = 0, *counts = NULL;

    range[0] = ends[0];
    range[1] = ends[1];
    if (made->shown.fixed)
        return FL_OK;
    for (size_t k = 0; k < n; k++)
        valid += isfinite(values[k]) != 0;
    if (valid == 0)
        return FL_OK; // nothing will be stretched
    counts = malloc(HALVES * sizeof *counts);
    if (!counts)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is no memory for the picture of %s; close other programs.",
                       made->what);
    for (int i = 0; i < 2; i++) {
        uint64_t at = (uint64_t)llround(ends[i] / 100 * (double)(valid - 1));
        range[i] = (double)find_value(values, n, at, counts);
    }
    free(counts);
    return FL_OK;
}

// --- the picture ---

static uint8_t level_of(float value, const double range[2])
{
    double s = range[0] < range[1] ? ((double)value - range[0]) / (range[1] - range[0]) : 0.5;

    return (uint8_t)lround(255 * fmin(fmax(s, 0), 1));
}

struct canvas {
    float *values;  // of one band
    uint8_t *blank; // 1: no data in some band
    size_t n;       // cells
};

static enum fl_err paint_band(const struct made *made, int32_t k, const struct canvas *canvas,
                              uint8_t *rgb, struct fl_error *error)
{
    double range[2] = {0};

    read_band(made, made->shown.bands[k], canvas->values);
    enum fl_err err = find_stretch(made, canvas->values, canvas->n, range, error);
    for (size_t cell = 0; cell < canvas->n && !err; cell++) {
        if (isfinite(canvas->values[cell]))
            rgb[3 * cell + (size_t)k] = level_of(canvas->values[cell], range);
        else
            canvas->blank[cell] = 1;
    }
    return err;
}

static void finish_cells(const struct canvas *canvas, bool grey, uint8_t *rgb)
{
    for (size_t cell = 0; cell < canvas->n; cell++, rgb += 3) {
        if (canvas->blank[cell])
            memset(rgb, 0, 3);
        else if (grey)
            memset(rgb + 1, rgb[0], 2);
    }
}

static enum fl_err paint(const struct made *made, const struct canvas *canvas, uint8_t *rgb,
                         struct fl_error *error)
{
    enum fl_err err = FL_OK;

    for (int32_t k = 0; k < made->shown.n && !err; k++)
        err = paint_band(made, k, canvas, rgb, error);
    if (!err)
        finish_cells(canvas, made->shown.n == 1, rgb);
    if (!err && made->mapping && fl_mapping_check(made->mapping))
        err = fl_fail(error, FL_ERR_GONE,
                      "The values of %s were cut or written since this server opened it; it is "
                      "read anew by itself, unless the server was started with --no-watch.",
                      made->what);
    return err;
}

static enum fl_err decode(void *user, uint8_t *rgb, struct fl_error *error)
{
    const struct made *made = user;
    struct canvas canvas = {.n = (size_t)made->all.w * (size_t)made->all.h};
    enum fl_err err = FL_ERR_TOO_BIG;

    canvas.values = malloc(canvas.n * sizeof *canvas.values);
    canvas.blank = calloc(canvas.n, 1);
    if (canvas.values && canvas.blank)
        err = paint(made, &canvas, rgb, error);
    else
        fl_fail(error, err, "There is no memory for the picture of %s; close other programs.",
                made->what);
    free(canvas.blank);
    free(canvas.values);
    return err;
}

struct fl_picture *fl_envi_picture(const char *what, const struct fl_envi_header *header,
                                   const struct fl_map_source *all)
{
    uint64_t cells = (uint64_t)all->w * (uint64_t)all->h;

    if (header->shown.n == 0)
        return NULL;
    if (cells > FL_IMAGE_MAX_PIXELS) {
        log_info(
            "%s has no picture: its %d x %d cells are more than the %llu that are shown as one",
            what, all->w, all->h, (unsigned long long)FL_IMAGE_MAX_PIXELS);
        return NULL;
    }
    struct made *made = fl_new(struct made);
    struct fl_picture_maker maker = {
        .decode = decode, .finish = finish, .user = made, .scratch = cells * (sizeof(float) + 1)};

    made->what = fl_text_copy(what);
    made->all = *all;
    made->mapping = fl_mapping_share(all->mapping);
    made->all.mapping = NULL;
    made->shown = header->shown;
    return fl_picture_made(what, all->w, all->h, &maker);
}
