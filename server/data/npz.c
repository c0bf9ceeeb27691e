#define LOG_MODULE "npz"
#include "npz.h"

#include "archive.h"
#include "npy.h"
#include "text.h"
#include "zip_read.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ENTRIES = 16384 };

// An array in the zip, to be unpacked when it is wanted.
struct packed {
    char *what; // owned: the file's name
    const void *bytes;
    size_t len;
    uint64_t entry;
};

static enum fl_err unpack(void *user, void *out, size_t len, const struct fl_progress *progress,
                          struct fl_error *error)
{
    const struct packed *packed = user;
    struct fl_zip *zip = NULL;
    size_t size = 0;
    enum fl_err err = fl_zip_open(packed->what, packed->bytes, packed->len, &zip, error);

    if (!err)
        err = fl_zip_entry(zip, packed->entry, len, &size, error);
    if (!err && size != len)
        err = fl_fail(error, FL_ERR_GONE,
                      "%s was written since this server opened it; start the server again to read "
                      "the new one.",
                      packed->what);
    if (!err) {
        fl_zip_watch(zip, progress);
        err = fl_zip_read(zip, packed->entry, out, len, error);
    }
    fl_zip_close(zip);
    return err;
}

static void forget(void *user)
{
    struct packed *packed = user;

    free(packed->what);
    free(packed);
}

static void pack(const struct fl_archive *archive, const struct fl_archive_array *array,
                 struct fl_map_source *source)
{
    struct packed *packed = fl_new(struct packed);

    *packed = (struct packed){fl_text_copy(archive->file.what), archive->file.at, archive->file.len,
                              array->entry};
    source->unpack = unpack;
    source->finish = forget;
    source->user = packed;
    source->len = array->len;
}

// The array's header and length; nothing of its values.
static enum fl_err read_head(struct fl_zip *zip, bool bfloat16, struct fl_archive_array *out,
                             struct fl_error *error)
{
    struct fl_npy_header header = {0};
    enum fl_err err = fl_zip_entry(zip, out->entry, SIZE_MAX, &out->len, error);

    if (err)
        return err;
    char *what = fl_text_format("%s: %s", fl_zip_what(zip), out->name);
    size_t some = out->len < FL_NPY_MOST_HEAD ? out->len : FL_NPY_MOST_HEAD;
    uint8_t *head = fl_calloc(some + 1, 1);
    err = fl_zip_read(zip, out->entry, head, some, error);
    if (!err)
        err = fl_npy_parse(what, head, some, bfloat16, &header, error);
    if (!err)
        err = fl_array_check_len(what, &header.array, out->len - header.data, error);
    out->array = header.array;
    out->data = header.data;
    free(head);
    free(what);
    return err;
}

// "conv4" of "conv4.npy"; NULL for other files.
static char *array_name(const char *entry)
{
    size_t len = strlen(entry);

    if (len < 4 || strcmp(entry + len - 4, ".npy") != 0)
        return NULL;
    return fl_text_format("%.*s", (int)(len - 4), entry);
}

static void read_entries(struct fl_zip *zip, bool bfloat16, struct fl_archive *out)
{
    uint64_t n = fl_zip_count(zip);

    out->arrays = fl_calloc(n + 1, sizeof *out->arrays);
    for (uint64_t i = 0; i < n; i++) {
        const char *entry = fl_zip_name(zip, i);
        char *name = entry ? array_name(entry) : NULL;
        if (!name) {
            log_info("%s: %s is no array and is left out", fl_zip_what(zip),
                     entry ? entry : "an entry without a name");
            continue;
        }
        struct fl_archive_array *array = &out->arrays[out->n++];
        array->name = name;
        array->entry = i;
        if (read_head(zip, bfloat16, array, &array->fault))
            array->array = (struct fl_array){0};
    }
}

enum fl_err fl_npz_read(const struct fl_file_bytes *file, const struct fl_spec *spec,
                        const struct fl_layout_hint *hint, struct fl_layers *out,
                        struct fl_error *error)
{
    struct fl_archive archive = {.file = *file, .pack = pack};
    struct fl_zip *zip = NULL;

    *out = (struct fl_layers){0};
    enum fl_err err = fl_zip_open(file->what, file->at, file->len, &zip, error);
    if (err)
        return err;
    if (fl_zip_count(zip) > MAX_ENTRIES)
        err = fl_fail(error, FL_ERR_TOO_BIG,
                      "%s holds %llu files, and %d at most are read; save fewer arrays into one.",
                      file->what, (unsigned long long)fl_zip_count(zip), MAX_ENTRIES);
    if (!err)
        read_entries(zip, hint->bfloat16, &archive);
    fl_zip_close(zip);
    if (!err)
        err = fl_archive_check_names(&archive, error);
    if (!err)
        err = fl_archive_layers(&archive, spec, hint, out, error);
    fl_archive_finish(&archive);
    return err;
}
