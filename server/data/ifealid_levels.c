#include "ifealid_levels.h"

#include "source.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"

#include <math.h>
#include <stdatomic.h>

// Rows y .. y + n - 1 where they lie, or read into *own, which is the caller's to free().
static const float *reach_rows(const struct fl_map *map, int32_t y, int32_t n, float **own)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    const float *rows = fl_map_rows(map, y);

    *own = NULL;
    if (rows)
        return rows;
    *own = malloc((size_t)n * (size_t)facts->w * (size_t)facts->d * sizeof **own);
    if (*own)
        fl_map_read_rows(map, y, n, *own);
    return *own;
}

static enum fl_err no_memory(const char *what, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_TOO_BIG, "There is no memory to convert %s; close other programs.",
                   what);
}

static enum fl_err refuse_value(const char *what, const struct fl_map_facts *facts, size_t at,
                                float value, struct fl_error *error)
{
    size_t d = (size_t)facts->d, cell = at / d, w = (size_t)facts->w;
    const char *name = isnan(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";

    return fl_fail(error, FL_ERR_UNSUPPORTED,
                   "%s holds %s in channel %zu of the cell in row %zu, column %zu, and an IFeaLiD "
                   "data set has no level for that; replace it first, as with numpy.nan_to_num.",
                   what, name, at % d, cell / w, cell % w);
}

// Only a map with invalid pixels can hold a NaN or an infinity (a zero vector is one too), or values
// outside the range of the valid ones: Eq. 1 is over all.
static enum fl_err check_values(const struct fl_map *map, const char *what,
                                struct fl_ifealid_levels *levels, struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    const struct fl_map_stats *stats = fl_map_stats(map);
    size_t row = (size_t)facts->w * (size_t)facts->d;

    if (stats->invalid == 0) {
        levels->min = (double)stats->min;
        levels->max = (double)stats->max;
        return FL_OK;
    }
    levels->min = HUGE_VAL;
    levels->max = -HUGE_VAL;
    for (int32_t y = 0; y < facts->h; y++) {
        float *own = NULL;
        const float *values = reach_rows(map, y, 1, &own);
        enum fl_err err = values ? FL_OK : no_memory(what, error);
        for (size_t i = 0; !err && i < row; i++) {
            levels->min = fmin(levels->min, (double)values[i]);
            levels->max = fmax(levels->max, (double)values[i]);
            if (!isfinite(values[i]))
                err = refuse_value(what, facts, (size_t)y * row + i, values[i], error);
        }
        free(own);
        if (err)
            return err;
    }
    return FL_OK;
}

static bool make_tiles(const struct fl_map_facts *facts, struct fl_ifealid_levels *levels)
{
    size_t size = (size_t)facts->w * (size_t)facts->h * 4;

    for (int32_t tile = 0; tile < levels->n_tiles; tile++) {
        levels->tiles[tile] = calloc(size, 1); // channels that are padding stay 0
        if (!levels->tiles[tile])
            return false;
    }
    return true;
}

struct work {
    const struct fl_map *map;
    const struct fl_ifealid_levels *levels;
    atomic_bool failed; // a row buffer found no memory
};

static void put_level(uint32_t level, size_t bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(level >> (8 * i));
}

static void convert_row(void *user, size_t y)
{
    struct work *work = user;
    const struct fl_ifealid_levels *levels = work->levels;
    const struct fl_map_facts *facts = fl_map_facts(work->map);
    double span = levels->max - levels->min, most = exp2(levels->precision) - 1;
    size_t w = (size_t)facts->w, d = (size_t)facts->d, bytes = (size_t)levels->precision / 8;
    size_t per_tile = 4 / bytes;
    float *own = NULL;
    const float *values = reach_rows(work->map, (int32_t)y, 1, &own);

    if (!values)
        atomic_store(&work->failed, true);
    else if (span > 0)
        for (size_t x = 0; x < w; x++)
            for (size_t c = 0; c < d; c++) {
                double share = ((double)values[x * d + c] - levels->min) / span;
                uint8_t *tile = levels->tiles[c / per_tile];
                // Halves to even, as numpy.round does.
                put_level((uint32_t)rint(share * most), bytes,
                          tile + (y * w + x) * 4 + c % per_tile * bytes);
            }
    free(own);
}

enum fl_err fl_ifealid_levels_make(const struct fl_map *map, const char *what, int32_t precision,
                                   struct fl_ifealid_levels *out, struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    int32_t per_tile = 32 / precision;
    struct fl_ifealid_levels levels = {
        .precision = precision,
        .n_tiles = (facts->d + per_tile - 1) / per_tile,
    };
    uint64_t bytes = (uint64_t)facts->w * (uint64_t)facts->h * 4 * (uint64_t)levels.n_tiles;
    struct work work = {.map = map, .levels = &levels};

    *out = (struct fl_ifealid_levels){0};
    enum fl_err err = check_values(map, what, &levels, error);
    if (!err) // the levels, and about as much when they are packed
        err = fl_map_memory_check(what, 2 * bytes, error);
    if (err)
        return err;
    levels.tiles = fl_calloc((size_t)levels.n_tiles, sizeof *levels.tiles);
    if (make_tiles(facts, &levels))
        fl_parallel((size_t)facts->h, convert_row, &work);
    else
        atomic_store(&work.failed, true);
    if (atomic_load(&work.failed))
        err = no_memory(what, error);
    else if (fl_map_gone(map))
        err = fl_fail(error, FL_ERR_GONE, "%s was cut while it was read; start again.", what);
    if (err)
        fl_ifealid_levels_finish(&levels);
    else
        *out = levels;
    return err;
}

void fl_ifealid_levels_finish(struct fl_ifealid_levels *levels)
{
    for (int32_t tile = 0; levels->tiles && tile < levels->n_tiles; tile++)
        free(levels->tiles[tile]);
    free(levels->tiles);
    *levels = (struct fl_ifealid_levels){0};
}
