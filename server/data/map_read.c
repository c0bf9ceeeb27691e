#include "map_inner.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

// Values that lie apart are fetched in tiles: RUN neighbours along the axis that is nearest in
// memory, for CHANNELS channels, then written in the order the caller wants. So each cache line of
// the file is read once, and each of the result is written once.
enum { RUN = 64, CHANNELS = 16 };

static const uint8_t *value_at(const struct fl_map *map, int32_t y, int32_t x, int32_t c)
{
    const struct fl_map_source *source = &map->source;
    ptrdiff_t offset = y * source->stride_y + x * source->stride_x + c * source->stride_c;

    return (const uint8_t *)source->base + offset * (ptrdiff_t)fl_dtype_size(source->type);
}

// Values that stand for none become NaN.
static void ignore(const struct fl_map_source *source, const uint8_t *at, ptrdiff_t step, size_t n,
                   float *out)
{
    float narrow = (float)source->ignored;
    ptrdiff_t bytes = step * (ptrdiff_t)fl_dtype_size(source->type);

    for (size_t k = 0; k < n; k++)
        if (out[k] == narrow && fl_dtype_is(source->type, source->swap, at + (ptrdiff_t)k * bytes,
                                            out[k], source->ignored))
            out[k] = NAN;
}

static void read_values(const struct fl_map *map, const uint8_t *at, ptrdiff_t step, size_t n,
                        float *out)
{
    const struct fl_map_source *source = &map->source;

    fl_dtype_read(source->type, source->swap, at, step, n, out);
    if (source->ignores)
        ignore(source, at, step, n, out);
}

struct tile {
    int32_t y, x, c; // where it begins
    size_t run;      // values along the nearest axis
    size_t channels;
    ptrdiff_t step;  // of the file, from one of the run to the next
    size_t out_step; // of the result, likewise
};

static void read_tile(const struct fl_map *map, const struct tile *tile, float *out)
{
    float values[CHANNELS][RUN];

    for (size_t c = 0; c < tile->channels; c++)
        read_values(map, value_at(map, tile->y, tile->x, tile->c + (int32_t)c), tile->step,
                    tile->run, values[c]);
    for (size_t k = 0; k < tile->run; k++, out += tile->out_step)
        for (size_t c = 0; c < tile->channels; c++)
            out[c] = values[c][k];
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Columns are nearest: CHW, and most others.
static void read_row_by_columns(const struct fl_map *map, int32_t y, int32_t x, int32_t w,
                                float *out)
{
    size_t n = (size_t)w, d = (size_t)map->source.d;

    for (size_t k = 0; k < n; k += RUN)
        for (size_t c = 0; c < d; c += CHANNELS)
            read_tile(map,
                      &(struct tile){.y = y,
                                     .x = x + (int32_t)k,
                                     .c = (int32_t)c,
                                     .run = least(RUN, n - k),
                                     .channels = least(CHANNELS, d - c),
                                     .step = map->source.stride_x,
                                     .out_step = d},
                      out + k * d + c);
}

// Rows are nearest: HWC in Fortran order. n is at most RUN; the result's rows are out_step apart.
static void read_column_by_rows(const struct fl_map *map, int32_t y, size_t n, int32_t x,
                                size_t out_step, float *out)
{
    size_t d = (size_t)map->source.d;

    for (size_t c = 0; c < d; c += CHANNELS)
        read_tile(map,
                  &(struct tile){.y = y,
                                 .x = x,
                                 .c = (int32_t)c,
                                 .run = n,
                                 .channels = least(CHANNELS, d - c),
                                 .step = map->source.stride_y,
                                 .out_step = out_step},
                  out + c);
}

// Channels are neighbours: HWC. Pixels may lie apart.
static void read_row_by_channels(const struct fl_map *map, int32_t y, int32_t x, int32_t w,
                                 float *out)
{
    size_t n = (size_t)w, d = (size_t)map->source.d;

    if (map->source.stride_x == map->source.d) {
        read_values(map, value_at(map, y, x, 0), 1, n * d, out);
        return;
    }
    for (size_t k = 0; k < n; k++)
        read_values(map, value_at(map, y, x + (int32_t)k, 0), 1, d, out + k * d);
}

void fl_map_read_block(const struct fl_map *map, const struct fl_map_block *block, float *out)
{
    const struct fl_map_source *source = &map->source;
    size_t d = (size_t)source->d, row = (size_t)block->w * d;

    if (source->stride_c != 1 && labs(source->stride_y) < labs(source->stride_x)) {
        for (int32_t k = 0; k < block->h; k += RUN, out += RUN * row)
            for (int32_t x = 0; x < block->w; x++)
                read_column_by_rows(map, block->y + k, least(RUN, (size_t)(block->h - k)),
                                    block->x + x, row, out + (size_t)x * d);
        return;
    }
    for (int32_t k = 0; k < block->h; k++, out += row)
        if (source->stride_c == 1)
            read_row_by_channels(map, block->y + k, block->x, block->w, out);
        else
            read_row_by_columns(map, block->y + k, block->x, block->w, out);
}

void fl_map_read_rows(const struct fl_map *map, int32_t y, int32_t n, float *out)
{
    assert(map->source.base && y >= 0 && n >= 0 && n <= map->source.h - y);
    fl_map_read_block(map, &(struct fl_map_block){.y = y, .h = n, .w = map->source.w}, out);
}

const float *fl_map_rows(const struct fl_map *map, int32_t y)
{
    const struct fl_map_source *source = &map->source;

    assert(source->base && y >= 0 && y < source->h);
    const void *at = value_at(map, y, 0, 0);
    bool as_wanted = source->type == FL_F4 && !source->swap && !source->ignores &&
                     source->stride_c == 1 && source->stride_x == source->d &&
                     source->stride_y == (ptrdiff_t)source->w * source->d &&
                     (uintptr_t)at % _Alignof(float) == 0;
    return as_wanted ? at : NULL;
}

void fl_map_read_vector(const struct fl_map *map, int32_t i, int32_t j, float *out)
{
    const struct fl_map_source *source = &map->source;

    assert(source->base && i >= 0 && i < source->w && j >= 0 && j < source->h);
    read_values(map, value_at(map, j, i, 0), source->stride_c, (size_t)source->d, out);
}
