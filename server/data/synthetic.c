#include "synthetic.h"

#include "source.h"

#include <stdlib.h>

enum { CACHE_LINE = 64 };

float fl_synthetic_value(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    float value = (float)(*state >> 8) / 8388608.0F - 1;
    return value > 0 ? value : 0;
}

struct fl_map *fl_synthetic_map(int32_t w, int32_t h, int32_t d, struct fl_error *error)
{
    size_t n = (size_t)w * (size_t)h * (size_t)d;
    size_t lines = (n * sizeof(float) + CACHE_LINE - 1) / CACHE_LINE;
    float *values = aligned_alloc(CACHE_LINE, lines * CACHE_LINE); // as in a mapped .npy
    uint32_t state = 1;

    if (!values) {
        fl_fail(error, FL_ERR_TOO_BIG, "There is no memory for a map of %d x %d x %d.", w, h, d);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = fl_synthetic_value(&state);
    struct fl_map_source source = fl_map_source_of(values, w, h, d);
    source.owned = values;
    return fl_map_create("synthetic", &source, (double[]){0, 0, w, h});
}
