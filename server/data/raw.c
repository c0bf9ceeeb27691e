#include "raw.h"

#include <string.h>

enum fl_err fl_raw_read(const struct fl_file_bytes *file, const struct fl_spec *spec,
                        const struct fl_layout_hint *hint, struct fl_map_source *out,
                        struct fl_error *error)
{
    struct fl_array array = {.type = spec->type, .swap = spec->swap, .n_dims = spec->n_dims};
    uint64_t need = 0;
    char shape[128];

    *out = (struct fl_map_source){0};
    memcpy(array.dims, spec->dims, sizeof array.dims);
    fl_layout_shape_text(shape, sizeof shape, array.dims, array.n_dims);
    if (!fl_array_bytes(&array, &need) || __builtin_add_overflow(need, spec->offset, &need))
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "%s cannot hold %s values: no file is so large; correct its shape.",
                       file->what, shape);
    if (need != file->len)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s has %llu bytes, and %s values of %s behind %llu bytes are %llu; correct "
                       "its shape, dtype or offset.",
                       file->what, (unsigned long long)file->len, shape, fl_dtype_name(array.type),
                       (unsigned long long)spec->offset, (unsigned long long)need);
    enum fl_err err = fl_array_source(file->what, &array, hint, (size_t)spec->offset, out, error);
    if (!err)
        out->base = (const uint8_t *)file->at + out->offset;
    return err;
}
