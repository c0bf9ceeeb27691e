#include "ifealid_write.h"

#include "ifealid_levels.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/base/png_pack.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

struct file { // one PNG
    uint8_t *bytes;
    size_t len;
};

struct work {
    const struct fl_ifealid_set *set;
    struct fl_ifealid_levels *levels;
    struct file *files;
    atomic_bool failed;
};

// bytes stay NULL without memory.
static struct file pack_pixels(const uint8_t *rgba, int32_t w, int32_t h)
{
    const struct fl_png_pixels pixels = {rgba, w, h, .channels = 4, .bits = 8};
    size_t most = fl_png_pack_bound(&pixels);
    uint8_t *bytes = malloc(most);
    size_t len = bytes ? fl_png_pack(&pixels, bytes, most) : 0;

    if (len == 0) {
        free(bytes);
        return (struct file){0};
    }
    uint8_t *less = realloc(bytes, len); // of all tiles at once, what was not needed is much
    return (struct file){less ? less : bytes, len};
}

static void pack_tile(void *user, size_t tile)
{
    struct work *work = user;
    uint8_t **rgba = &work->levels->tiles[tile];

    work->files[tile] = pack_pixels(*rgba, work->set->w, work->set->h);
    free(*rgba);
    *rgba = NULL;
    if (!work->files[tile].bytes)
        atomic_store(&work->failed, true);
}

static enum fl_err no_memory(struct fl_error *error)
{
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "There is no memory to pack the data set; close other programs.");
}

// Stored, and of the first day that a zip knows.
static bool add_source(zip_t *zip, const char *name, zip_source_t *source)
{
    const zip_uint16_t first_day = 1 << 5 | 1;
    zip_int64_t at = source ? zip_file_add(zip, name, source, 0) : -1;

    if (at < 0)
        zip_source_free(source); // NULL is fine
    return at >= 0 && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)at, 0, first_day, 0) == 0;
}

// Takes the bytes, which are malloc'ed.
static bool add_entry(zip_t *zip, const char *name, void *bytes, size_t len)
{
    zip_source_t *source = zip_source_buffer(zip, bytes, len, 1);

    if (!source)
        free(bytes);
    return add_source(zip, name, source);
}

static bool add_overlay(zip_t *zip, const struct fl_ifealid_set *set)
{
    return !set->overlay || add_source(zip, "overlay.jpg",
                                       zip_source_buffer(zip, set->overlay, set->overlay_len, 0));
}

static bool add_metadata(zip_t *zip, const struct fl_ifealid_set *set, int32_t precision)
{
    json_t *root =
        json_pack("{s:s,s:i,s:i,s:i,s:i,s:b}", "name", set->name, "width", set->w, "height", set->h,
                  "features", set->d, "precision", precision, "overlay", set->overlay != NULL);
    char *text = root ? json_dumps(root, JSON_ENSURE_ASCII) : NULL;

    json_decref(root);
    return text && add_entry(zip, "metadata.json", text, strlen(text));
}

// In the order of the authors' own: picture, tiles, metadata. Takes the PNGs.
static bool add_all(zip_t *zip, const struct work *work)
{
    bool ok = add_overlay(zip, work->set);

    for (int32_t tile = 0; ok && tile < work->levels->n_tiles; tile++) {
        struct file *file = &work->files[tile];
        char name[16];
        snprintf(name, sizeof name, "%d.png", tile);
        ok = add_entry(zip, name, file->bytes, file->len);
        file->bytes = NULL;
    }
    return ok && add_metadata(zip, work->set, work->levels->precision);
}

static enum fl_err refuse(const char *what, zip_error_t *fault, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_IO, "%s cannot be written: %s.", what, zip_error_strerror(fault));
}

static enum fl_err write_zip(const char *path, const struct work *work, struct fl_error *error)
{
    zip_error_t fault;
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

    if (!zip) {
        zip_error_init_with_code(&fault, code);
        enum fl_err err = refuse(work->set->what, &fault, error);
        zip_error_fini(&fault);
        return err;
    }
    if (!add_all(zip, work)) {
        zip_discard(zip);
        return no_memory(error);
    }
    if (zip_close(zip) == 0)
        return FL_OK;
    enum fl_err err = refuse(work->set->what, zip_get_error(zip), error);
    zip_discard(zip);
    return err;
}

enum fl_err fl_ifealid_write(const char *path, const struct fl_ifealid_set *set,
                             struct fl_ifealid_levels *levels, struct fl_error *error)
{
    size_t n = (size_t)levels->n_tiles;
    struct work work = {
        .set = set,
        .levels = levels,
        .files = fl_calloc(n, sizeof(struct file)),
    };

    fl_parallel(n, pack_tile, &work);
    enum fl_err err = atomic_load(&work.failed) ? no_memory(error) : write_zip(path, &work, error);
    for (size_t tile = 0; tile < n; tile++)
        free(work.files[tile].bytes);
    free(work.files);
    return err;
}
