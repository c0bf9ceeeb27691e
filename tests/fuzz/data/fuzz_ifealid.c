// Any bytes as an IFeaLiD zip, as its metadata.json and as one of its tiles (which the checksums of
// a zip keep a fuzzer from reaching): no crash, no leak, an error has a sentence, and what is read
// is from 0 to 1.
#include "server/base/log.h"
#include "server/data/ifealid.h"
#include "server/data/ifealid_meta.h"
#include "server/data/png_read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MAX_VALUES = 1 << 20, TILE_W = 5, TILE_H = 3 };

static void check(enum fl_err err, const struct fl_error *error)
{
    if (err != error->code || (err != FL_OK) != (error->text[0] != 0))
        abort();
}

static void read_values(struct fl_map_source *source)
{
    struct fl_error error = {0};
    float *values = NULL;
    uint64_t n = (uint64_t)source->w * (uint64_t)source->h * (uint64_t)source->d;

    if (n > MAX_VALUES)
        return;
    enum fl_err err = source->decode(source->user, &values, NULL, &error);
    check(err, &error);
    for (uint64_t i = 0; !err && i < n; i++)
        if (!(values[i] >= 0 && values[i] <= 1))
            abort();
    free(values);
}

static void read_set(const uint8_t *bytes, size_t len)
{
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    enum fl_err err = fl_ifealid_read("fuzz", bytes, len, &source, &picture, &error);

    check(err, &error);
    if (!err)
        read_values(&source);
    else if (source.user || picture)
        abort();
    fl_map_source_finish(&source);
    fl_picture_unref(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static uint8_t rgba[TILE_W * TILE_H * 4];
    const struct fl_image_file file = {.bytes = bytes, .len = len, .what = "fuzz"};
    struct fl_ifealid_meta meta;
    struct fl_error error = {0};

    fl_log_set_level(FL_LOG_ERROR);
    read_set(bytes, len);
    enum fl_err err = fl_ifealid_meta_parse("fuzz", bytes, len, &meta, &error);
    check(err, &error);
    if (!err && (meta.w < 1 || meta.h < 1 || meta.d < 1 || meta.tiles * meta.per_tile < meta.d))
        abort();
    error = (struct fl_error){0};
    err = fl_png_read_tile(&file, TILE_W, TILE_H, rgba, &error);
    check(err, &error);
    return 0;
}
