#include "ifealid_tiles.h"

#include "png_read.h"
#include "source.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"

#include <stdatomic.h>
#include <stdio.h>

enum { NAME = 16, WHAT = 320, BATCH = 64 };

struct entry {
    uint64_t at; // in the zip
    size_t size;
};

struct fl_ifealid_tiles {
    struct fl_zip *zip; // owned
    struct fl_ifealid_meta meta;
    struct entry *entries; // owned; meta.tiles of them
};

static void name_tile(const struct fl_ifealid_tiles *tiles, size_t tile, char name[NAME],
                      char what[WHAT])
{
    snprintf(name, NAME, "%zu.png", tile);
    snprintf(what, WHAT, "%.300s: %s", fl_zip_what(tiles->zip), name);
}

// What a tile of these pixels can take: PNG may grow noise a little, and may hold some text.
static uint64_t most_of_tile(const struct fl_ifealid_meta *meta)
{
    return 8 * (uint64_t)meta->w * (uint64_t)meta->h + 65536;
}

static enum fl_err check_tile(struct fl_ifealid_tiles *tiles, size_t tile, struct fl_error *error)
{
    const struct fl_ifealid_meta *meta = &tiles->meta;
    struct entry *entry = &tiles->entries[tile];
    char name[NAME], what[WHAT];
    uint8_t head[FL_PNG_HEAD] = {0};

    name_tile(tiles, tile, name, what);
    enum fl_err err =
        fl_zip_find(tiles->zip, name, most_of_tile(meta), &entry->at, &entry->size, error);
    if (err == FL_ERR_NOT_FOUND)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is missing: %d channels of %d bits take %d tiles; make the data set "
                       "again.",
                       what, meta->d, meta->precision, meta->tiles);
    if (err)
        return err;
    size_t len = entry->size < sizeof head ? entry->size : sizeof head;
    err = fl_zip_read(tiles->zip, entry->at, head, len, error);
    if (err)
        return err;
    const struct fl_image_file file = {.bytes = head, .len = len, .what = what};
    return fl_png_check_tile(&file, meta->w, meta->h, error);
}

enum fl_err fl_ifealid_tiles_open(struct fl_zip *zip, const struct fl_ifealid_meta *meta,
                                  struct fl_ifealid_tiles **out, struct fl_error *error)
{
    struct fl_ifealid_tiles *tiles = fl_new(struct fl_ifealid_tiles);
    enum fl_err err = FL_OK;

    *out = NULL;
    tiles->zip = zip;
    tiles->meta = *meta;
    tiles->entries = fl_calloc((size_t)meta->tiles, sizeof *tiles->entries);
    for (size_t tile = 0; !err && tile < (size_t)meta->tiles; tile++)
        err = check_tile(tiles, tile, error);
    if (!err) {
        *out = tiles;
        return FL_OK;
    }
    tiles->zip = NULL; // still the caller's
    fl_ifealid_tiles_close(tiles);
    return err;
}

void fl_ifealid_tiles_close(void *user)
{
    struct fl_ifealid_tiles *tiles = user;

    fl_zip_close(tiles->zip);
    free(tiles->entries);
    free(tiles);
}

// Tiles first .. first + n - 1 on their way: read one after the other, decoded side by side.
struct batch {
    const struct fl_ifealid_tiles *tiles;
    size_t first, n;
    uint8_t *bytes[BATCH]; // owned; each tile's file
    struct fl_error errors[BATCH];
    float *out;                         // the whole map
    const struct fl_progress *progress; // or NULL
    atomic_size_t done;                 // tiles of this batch
};

// Channel `c` of the tile, from the `bytes` of a pixel: least significant byte first.
static float read_value(const uint8_t *bytes, int32_t precision, int32_t c)
{
    double most = precision == 8 ? 255.0 : precision == 16 ? 65535.0 : 4294967295.0;
    uint32_t level = 0;

    bytes += c * precision / 8;
    for (int32_t i = precision / 8 - 1; i >= 0; i--)
        level = level << 8 | bytes[i];
    return (float)(level / most);
}

static void spread(const struct fl_ifealid_meta *meta, const uint8_t *rgba, size_t tile, float *out)
{
    size_t n = (size_t)meta->w * (size_t)meta->h, d = (size_t)meta->d;
    size_t first = tile * (size_t)meta->per_tile;
    int32_t channels = meta->per_tile;

    if (d - first < (size_t)channels)
        channels = (int32_t)(d - first); // the rest of the last tile is padding
    for (size_t i = 0; i < n; i++)
        for (int32_t c = 0; c < channels; c++)
            out[i * d + first + (size_t)c] = read_value(rgba + i * 4, meta->precision, c);
}

static void decode_tile(void *user, size_t job)
{
    struct batch *batch = user;
    const struct fl_ifealid_tiles *tiles = batch->tiles;
    const struct fl_ifealid_meta *meta = &tiles->meta;
    size_t tile = batch->first + job;
    uint8_t *rgba = malloc((size_t)meta->w * (size_t)meta->h * 4);
    char name[NAME], what[WHAT];

    name_tile(tiles, tile, name, what);
    if (!rgba) {
        fl_fail(&batch->errors[job], FL_ERR_TOO_BIG,
                "There is no memory to decode %s; close other programs.", what);
        return;
    }
    const struct fl_image_file file = {
        .bytes = batch->bytes[job],
        .len = tiles->entries[tile].size,
        .what = what,
    };
    if (fl_png_read_tile(&file, meta->w, meta->h, rgba, &batch->errors[job]) == FL_OK)
        spread(meta, rgba, tile, batch->out);
    free(rgba);
    size_t done = batch->first + atomic_fetch_add(&batch->done, 1) + 1;
    fl_progress_tell(batch->progress, (double)done / meta->tiles);
}

static enum fl_err read_batch(struct batch *batch, struct fl_error *error)
{
    for (size_t i = 0; i < batch->n; i++) {
        const struct entry *entry = &batch->tiles->entries[batch->first + i];
        batch->bytes[i] = malloc(entry->size);
        if (!batch->bytes[i])
            return fl_fail(error, FL_ERR_TOO_BIG,
                           "There is no memory to read %s; close other programs.",
                           fl_zip_what(batch->tiles->zip));
        enum fl_err err =
            fl_zip_read(batch->tiles->zip, entry->at, batch->bytes[i], entry->size, error);
        if (err)
            return err;
    }
    return FL_OK;
}

static enum fl_err run_batch(struct batch *batch, struct fl_error *error)
{
    enum fl_err err = read_batch(batch, error);

    if (!err)
        fl_parallel(batch->n, decode_tile, batch);
    for (size_t i = 0; i < batch->n; i++) {
        const struct fl_error *fault = &batch->errors[i];
        if (!err && fault->code)
            err = fl_fail(error, fault->code, "%s", fault->text);
        free(batch->bytes[i]);
    }
    return err;
}

enum fl_err fl_ifealid_tiles_decode(void *user, float **out, const struct fl_progress *progress,
                                    struct fl_error *error)
{
    const struct fl_ifealid_tiles *tiles = user;
    const struct fl_ifealid_meta *meta = &tiles->meta;
    size_t n = (size_t)meta->w * (size_t)meta->h * (size_t)meta->d;
    size_t n_tiles = (size_t)meta->tiles;
    const char *what = fl_zip_what(tiles->zip);

    *out = NULL;
    enum fl_err err = fl_map_memory_check(what, n * sizeof(float), error);
    if (err)
        return err;
    float *values = malloc(n * sizeof *values);
    struct batch *batch = fl_new(struct batch);
    if (!values)
        err = fl_fail(error, FL_ERR_TOO_BIG, "There is no memory for %s; close other programs.",
                      what);
    for (size_t first = 0; !err && first < n_tiles; first += BATCH) {
        *batch =
            (struct batch){.tiles = tiles, .first = first, .out = values, .progress = progress};
        batch->n = n_tiles - first < BATCH ? n_tiles - first : BATCH;
        err = run_batch(batch, error);
    }
    free(batch);
    if (err)
        free(values);
    else
        *out = values;
    return err;
}
