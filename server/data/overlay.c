#include "overlay.h"

#include "picture.h"

#include "proto/buf.h"
#include "server/base/frame.h"
#include "server/base/mem.h"

#include <string.h>
#include <turbojpeg.h>

enum { QUALITY = 95 };

static enum fl_err copy_file(struct fl_buf *file, const char *what, uint8_t **bytes, size_t *len,
                             struct fl_error *error)
{
    *bytes = malloc(fl_buf_len(file));
    if (!*bytes)
        return fl_fail(error, FL_ERR_TOO_BIG, "There is no memory for %s; close other programs.",
                       what);
    *len = fl_buf_len(file);
    memcpy(*bytes, fl_buf_bytes(file), *len);
    return FL_OK;
}

// TurboJPEG's own limit of 65500 pixels a side is one of its reasons.
static enum fl_err encode(const struct fl_picture *picture, const char *what, uint8_t **bytes,
                          size_t *len, struct fl_error *error)
{
    int w = fl_picture_w(picture), h = fl_picture_h(picture);
    tjhandle handle = tjInitCompress();
    unsigned long size = handle ? tjBufSize(w, h, TJSAMP_444) : 0;
    unsigned char *out = size > 0 && size != (unsigned long)-1 ? malloc(size) : NULL;
    enum fl_err err = FL_OK;

    if (!out || tjCompress2(handle, fl_picture_rgb(picture), w, 0, h, TJPF_RGB, &out, &size,
                            TJSAMP_444, QUALITY, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) != 0) {
        err = fl_fail(error, FL_ERR_TOO_BIG, "%s cannot be made a JPEG (%s); reduce it first.",
                      what, handle && out ? tjGetErrorStr2(handle) : "no memory");
        free(out);
        out = NULL;
        size = 0;
    }
    if (handle)
        tjDestroy(handle);
    *bytes = out;
    *len = size;
    return err;
}

enum fl_err fl_overlay_jpeg(struct fl_picture *picture, const char *what, uint8_t **bytes,
                            size_t *len, struct fl_error *error)
{
    struct fl_buf *file = NULL;
    int enc = FL_ENC_NONE;

    *bytes = NULL;
    *len = 0;
    enum fl_err err = fl_picture_file(picture, &file, &enc, error);
    if (!err && enc == FL_ENC_JPEG) {
        err = copy_file(file, what, bytes, len, error);
    } else if (!err) {
        err = fl_picture_load(picture, error);
        if (!err)
            err = encode(picture, what, bytes, len, error);
    }
    fl_buf_unref(file);
    return err;
}
