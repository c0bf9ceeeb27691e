#define LOG_MODULE "npy"
#include "npy.h"

#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdio.h>

// How far apart neighbours along each axis lie, in elements. Fits: the whole array does.
static void steps_of(const struct fl_npy_header *header, ptrdiff_t steps[FL_NPY_DIMS])
{
    ptrdiff_t step = 1;

    for (unsigned k = 0; k < header->n_dims; k++) {
        unsigned axis = header->fortran ? k : header->n_dims - 1 - k;
        steps[axis] = step;
        step *= (ptrdiff_t)header->dims[axis];
    }
}

static enum fl_err check_len(const char *what, const struct fl_npy_header *header, size_t len,
                             uint64_t values, struct fl_error *error)
{
    uint64_t need = values * fl_dtype_size(header->type); // at most 8 per value; values fit 2^58
    uint64_t have = len - header->data;

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

enum fl_err fl_npy_read(const char *what, const void *bytes, size_t len,
                        const struct fl_layout_hint *hint, struct fl_map_source *out,
                        struct fl_error *error)
{
    ptrdiff_t steps[FL_NPY_DIMS];
    struct fl_npy_header header;
    struct fl_layout_axes axes;
    uint64_t size = 0;

    *out = (struct fl_map_source){0};
    enum fl_err err = fl_npy_parse(what, bytes, len, &header, error);
    if (!err)
        err = fl_layout_decide(what, header.dims, header.n_dims, hint, &axes, error);
    if (err)
        return err;
    uint64_t w = header.dims[axes.x], h = header.dims[axes.y], d = header.dims[axes.c];
    err = fl_map_shape_check(what, w, h, d, &size, error);
    if (!err)
        err = check_len(what, &header, len, w * h * d, error);
    if (err)
        return err;
    steps_of(&header, steps);
    *out = (struct fl_map_source){
        .w = (int32_t)w,
        .h = (int32_t)h,
        .d = (int32_t)d,
        .type = header.type,
        .swap = header.swap,
        .base = (const uint8_t *)bytes + header.data,
        .stride_y = steps[axes.y],
        .stride_x = steps[axes.x],
        .stride_c = steps[axes.c],
    };
    snprintf(out->dtype, sizeof out->dtype, "%s", fl_dtype_name(header.type));
    return FL_OK;
}

enum fl_err fl_npy_open(const char *path, const struct fl_layout_hint *hint,
                        struct fl_map_source *out, struct fl_error *error)
{
    struct fl_mapping *mapping = NULL;

    *out = (struct fl_map_source){0};
    enum fl_err err = fl_mapping_open(path, &mapping, error);
    if (!err)
        err =
            fl_npy_read(path, fl_mapping_bytes(mapping), fl_mapping_len(mapping), hint, out, error);
    if (!err) {
        out->mapping = mapping;
        mapping = NULL;
    }
    fl_mapping_close(mapping);
    return err;
}
