#include "ifealid.h"

#include "ifealid_meta.h"
#include "ifealid_tiles.h"
#include "text.h"
#include "zip_read.h"

#include "proto/buf.h"
#include "server/base/mem.h"

#include <stdio.h>

enum {
    MAX_METADATA = 1 << 16, // bytes
    MAX_OVERLAY = 1 << 28,
};

static enum fl_err read_meta(struct fl_zip *zip, struct fl_ifealid_meta *out,
                             struct fl_error *error)
{
    uint64_t at = 0;
    size_t size = 0;
    enum fl_err err = fl_zip_find(zip, "metadata.json", MAX_METADATA, &at, &size, error);

    if (err == FL_ERR_NOT_FOUND)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is a zip without metadata.json and so no IFeaLiD data set; give one "
                       "that is.",
                       fl_zip_what(zip));
    if (err)
        return err;
    char *json = fl_calloc(size + 1, 1);
    err = fl_zip_read(zip, at, json, size, error);
    if (!err)
        err = fl_ifealid_meta_parse(fl_zip_what(zip), json, size, out, error);
    free(json);
    return err;
}

static enum fl_err read_overlay(struct fl_zip *zip, struct fl_picture **out, struct fl_error *error)
{
    uint64_t at = 0;
    size_t size = 0;
    enum fl_err err = fl_zip_find(zip, "overlay.jpg", MAX_OVERLAY, &at, &size, error);

    if (err == FL_ERR_NOT_FOUND)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s has no overlay.jpg, though metadata.json says \"overlay\": true; add "
                       "the picture or say false.",
                       fl_zip_what(zip));
    if (err)
        return err;
    struct fl_buf *buf = fl_buf_create(size);
    char *what = fl_text_format("%s: overlay.jpg", fl_zip_what(zip));
    if (!buf) {
        err = fl_fail(error, FL_ERR_TOO_BIG, "There is no memory for %s; close other programs.",
                      what);
        goto out;
    }
    fl_buf_set_len(buf, size);
    err = fl_zip_read(zip, at, fl_buf_bytes(buf), size, error);
    if (!err)
        err = fl_picture_open_bytes(buf, what, out, error);

out:
    fl_buf_unref(buf);
    free(what);
    return err;
}

enum fl_err fl_ifealid_read(const char *what, const void *bytes, size_t len,
                            struct fl_map_source *out, struct fl_picture **picture,
                            struct fl_error *error)
{
    struct fl_zip *zip = NULL;
    struct fl_ifealid_meta meta = {0};
    struct fl_ifealid_tiles *tiles = NULL;

    *out = (struct fl_map_source){0};
    *picture = NULL;
    enum fl_err err = fl_zip_open(what, bytes, len, &zip, error);
    if (!err)
        err = read_meta(zip, &meta, error);
    if (!err)
        err = fl_ifealid_tiles_open(zip, &meta, &tiles, error);
    if (err) {
        fl_zip_close(zip);
        return err;
    }
    // From here on the tiles own the zip.
    if (meta.overlay)
        err = read_overlay(zip, picture, error);
    if (err) {
        fl_ifealid_tiles_close(tiles);
        return err;
    }
    *out = (struct fl_map_source){
        .w = meta.w,
        .h = meta.h,
        .d = meta.d,
        .decode = fl_ifealid_tiles_decode,
        .finish = fl_ifealid_tiles_close,
        .user = tiles,
    };
    snprintf(out->dtype, sizeof out->dtype, "png%d", meta.precision);
    return FL_OK;
}

enum fl_err fl_ifealid_open(const char *path, struct fl_map_source *out,
                            struct fl_picture **picture, struct fl_error *error)
{
    struct fl_mapping *mapping = NULL;

    *out = (struct fl_map_source){0};
    *picture = NULL;
    enum fl_err err = fl_mapping_open(path, &mapping, error);
    if (err)
        return err;
    err = fl_ifealid_read(path, fl_mapping_bytes(mapping), fl_mapping_len(mapping), out, picture,
                          error);
    if (err)
        fl_mapping_close(mapping);
    else
        out->mapping = mapping; // the source ends the tiles first
    return err;
}
