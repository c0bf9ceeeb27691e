#include "npy.h"

enum fl_err fl_npy_read(const char *what, const void *bytes, size_t len,
                        const struct fl_layout_hint *hint, struct fl_map_source *out,
                        struct fl_error *error)
{
    struct fl_npy_header header;

    *out = (struct fl_map_source){0};
    enum fl_err err = fl_npy_parse(what, bytes, len, hint->bfloat16, &header, error);
    if (!err)
        err = fl_array_source(what, &header.array, hint, header.data, out, error);
    if (!err)
        err = fl_array_check_len(what, &header.array, len - header.data, error);
    if (err)
        *out = (struct fl_map_source){0};
    else
        out->base = (const uint8_t *)bytes + out->offset;
    return err;
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
