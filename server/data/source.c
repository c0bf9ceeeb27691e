#include "source.h"

#include "memory.h"
#include "text.h"

#include "proto/state.h"

#include <stdlib.h>

struct fl_map_source fl_map_source_of(const float *values, int32_t w, int32_t h, int32_t d)
{
    return (struct fl_map_source){
        .w = w,
        .h = h,
        .d = d,
        .dtype = "f4",
        .type = FL_F4,
        .base = values,
        .stride_y = (ptrdiff_t)w * d,
        .stride_x = d,
        .stride_c = 1,
    };
}

void fl_map_source_finish(struct fl_map_source *source)
{
    if (source->finish)
        source->finish(source->user);
    fl_mapping_close(source->mapping);
    free(source->owned);
    free(source->axis);
    *source = (struct fl_map_source){0};
}

enum fl_err fl_map_shape_check(const char *what, uint64_t w, uint64_t h, uint64_t d,
                               uint64_t *bytes, struct fl_error *error)
{
    char need[FL_TEXT_SIZE], have[FL_TEXT_SIZE];
    uint64_t total = fl_memory_total();

    *bytes = 0;
    if (w == 0 || h == 0 || d == 0)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is %llu x %llu with %llu channels and so holds no value; save it again.",
                       what, (unsigned long long)w, (unsigned long long)h, (unsigned long long)d);
    if (w > FL_MAX_SIDE || h > FL_MAX_SIDE || d > FL_MAX_CHANNELS)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "%s is %llu x %llu with %llu channels; a map may have %d cells a side and "
                       "%d channels: save a part of it.",
                       what, (unsigned long long)w, (unsigned long long)h, (unsigned long long)d,
                       FL_MAX_SIDE, FL_MAX_CHANNELS);
    if (__builtin_mul_overflow(w * h, d * sizeof(float), bytes))
        *bytes = UINT64_MAX;
    if (*bytes <= total && *bytes <= PTRDIFF_MAX)
        return FL_OK;
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "%s takes %s as float32, and this machine has %s of memory; save fewer channels "
                   "or cells.",
                   what, fl_text_size(need, *bytes), fl_text_size(have, total));
}

enum fl_err fl_map_memory_check(const char *what, uint64_t bytes, struct fl_error *error)
{
    char need[FL_TEXT_SIZE], have[FL_TEXT_SIZE];
    uint64_t available = fl_memory_available();

    if (bytes <= available)
        return FL_OK;
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "%s needs %s of memory, and %s are free; close other programs or save fewer "
                   "channels or cells.",
                   what, fl_text_size(need, bytes), fl_text_size(have, available));
}
