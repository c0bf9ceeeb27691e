#define LOG_MODULE "array"
#include "array.h"

#include "server/base/log.h"

#include <stdio.h>

bool fl_array_bytes(const struct fl_array *array, uint64_t *out)
{
    *out = fl_dtype_size(array->type);
    for (unsigned k = 0; k < array->n_dims; k++) // an empty axis makes all of it empty
        if (array->dims[k] == 0) {
            *out = 0;
            return true;
        }
    for (unsigned k = 0; k < array->n_dims; k++)
        if (__builtin_mul_overflow(*out, array->dims[k], out))
            return false;
    return true;
}

enum fl_err fl_array_check_len(const char *what, const struct fl_array *array, uint64_t have,
                               struct fl_error *error)
{
    uint64_t need = 0;

    if (!fl_array_bytes(array, &need))
        need = UINT64_MAX;
    if (have < need)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s was cut: its header promises %llu bytes of values and %llu are there; "
                       "copy or save it again.",
                       what, (unsigned long long)need, (unsigned long long)have);
    if (have > need)
        log_warn("%s has %llu bytes behind its first array, which alone is shown", what,
                 (unsigned long long)(have - need));
    return FL_OK;
}

// How far apart neighbours along each axis lie, in elements. Fits: the whole array does.
static void steps_of(const struct fl_array *array, ptrdiff_t steps[FL_ARRAY_DIMS])
{
    ptrdiff_t step = 1;

    for (unsigned k = 0; k < array->n_dims; k++) {
        unsigned axis = array->fortran ? k : array->n_dims - 1 - k;
        steps[axis] = step;
        step *= (ptrdiff_t)array->dims[axis];
    }
}

enum fl_err fl_array_source(const char *what, const struct fl_array *array,
                            const struct fl_layout_hint *hint, size_t data,
                            struct fl_map_source *out, struct fl_error *error)
{
    ptrdiff_t steps[FL_ARRAY_DIMS];
    struct fl_layout_axes axes;
    uint64_t size = 0;

    *out = (struct fl_map_source){0};
    enum fl_err err = fl_layout_decide(what, array->dims, array->n_dims, hint, &axes, error);
    if (err)
        return err;
    bool tokens = axes.grid[0] > 0;
    uint64_t w = tokens ? axes.grid[1] : array->dims[axes.x];
    uint64_t h = tokens ? axes.grid[0] : array->dims[axes.y];
    uint64_t d = array->dims[axes.c];
    err = fl_map_shape_check(what, w, h, d, &size, error);
    if (!err && !fl_array_bytes(array, &size)) // tokens that are skipped count too
        err = fl_fail(error, FL_ERR_TOO_BIG,
                      "%s has more values than any file can hold; save it again.", what);
    if (err)
        return err;
    steps_of(array, steps);
    *out = (struct fl_map_source){
        .w = (int32_t)w,
        .h = (int32_t)h,
        .d = (int32_t)d,
        .type = array->type,
        .swap = array->swap,
        .stride_y = tokens ? steps[axes.y] * (ptrdiff_t)w : steps[axes.y],
        .stride_x = steps[axes.x],
        .stride_c = steps[axes.c],
        .offset = data + (size_t)axes.skip * (size_t)steps[axes.y] * fl_dtype_size(array->type),
    };
    snprintf(out->dtype, sizeof out->dtype, "%s", fl_dtype_name(array->type));
    return FL_OK;
}
