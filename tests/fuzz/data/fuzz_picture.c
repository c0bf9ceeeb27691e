// Any bytes as a picture: no crash, no leak, an error has a sentence, and what opens has a size
// that can be reduced once it is loaded.
#include "proto/buf.h"
#include "server/base/log.h"
#include "server/data/picture.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MAX_PIXELS = 1 << 18 };

static void check(enum fl_err err, const struct fl_error *error)
{
    if (err != error->code || (err != FL_OK) != (error->text[0] != 0))
        abort();
}

static void load(struct fl_picture *picture)
{
    struct fl_error error = {0};
    int64_t w = fl_picture_w(picture), h = fl_picture_h(picture);

    if (w < 1 || h < 1 || w * h > 1 << 28)
        abort();
    if (w * h > MAX_PIXELS)
        return;
    enum fl_err err = fl_picture_load(picture, &error);
    check(err, &error);
    if ((err == FL_OK) != (fl_picture_rgb(picture) != NULL))
        abort();
    if (err)
        return;
    int32_t small_h = 0;
    uint8_t *small = fl_picture_scaled(picture, (int32_t)(w + 2) / 3, &small_h);
    if (!small || small_h < 1)
        abort();
    free(small);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fl_buf *buf = fl_buf_create(len);
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    fl_log_set_level(FL_LOG_ERROR);
    if (!buf)
        abort();
    if (len > 0)
        memcpy(fl_buf_bytes(buf), bytes, len);
    fl_buf_set_len(buf, len);
    enum fl_err err = fl_picture_open_bytes(buf, "fuzz", &picture, &error);
    check(err, &error);
    if (!err)
        load(picture);
    fl_picture_unref(picture);
    fl_buf_unref(buf);
    return 0;
}
