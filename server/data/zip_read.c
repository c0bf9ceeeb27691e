#include "zip_read.h"

#include "progress.h"
#include "text.h"

#include "server/base/mem.h"

#include <zip.h>

enum { READ = 1 << 20 }; // bytes between two words about the progress

struct fl_zip {
    char *what;                         // owned
    zip_t *archive;                     // owned
    const struct fl_progress *progress; // borrowed, or NULL
};

static enum fl_err refuse(const char *what, zip_error_t *reason, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_FORMAT, "%s is not a sound zip file (%s); copy or make it again.",
                   what, zip_error_strerror(reason));
}

enum fl_err fl_zip_open(const char *what, const void *bytes, size_t len, struct fl_zip **out,
                        struct fl_error *error)
{
    zip_error_t reason;
    enum fl_err err = FL_OK;

    *out = NULL;
    if (len == 0) // which libzip would take for a zip without entries
        return fl_fail(error, FL_ERR_FORMAT, "%s is an empty file; copy or make it again.", what);
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(bytes, len, 0, &reason);
    zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    if (archive) {
        *out = fl_new(struct fl_zip);
        (*out)->archive = archive;
        (*out)->what = fl_text_copy(what);
    } else {
        err = refuse(what, &reason, error);
        if (source)
            zip_source_free(source);
    }
    zip_error_fini(&reason);
    return err;
}

void fl_zip_close(struct fl_zip *zip)
{
    if (!zip)
        return;
    zip_discard(zip->archive);
    free(zip->what);
    free(zip);
}

void fl_zip_watch(struct fl_zip *zip, const struct fl_progress *progress)
{
    zip->progress = progress;
}

const char *fl_zip_what(const struct fl_zip *zip)
{
    return zip->what;
}

// Deflate makes at most 1032 bytes of one.
static bool is_possible(const zip_stat_t *info)
{
    if (info->comp_method == ZIP_CM_STORE)
        return info->size == info->comp_size;
    return info->comp_size <= UINT64_MAX / 2048 && info->size <= 1032 * info->comp_size + 64;
}

static enum fl_err check_entry(const struct fl_zip *zip, const char *name, const zip_stat_t *info,
                               uint64_t most, struct fl_error *error)
{
    const zip_uint64_t needed =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    char size[FL_TEXT_SIZE], limit[FL_TEXT_SIZE];

    if ((info->valid & needed) != needed)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: %s has no size in the zip's directory; make the "
                       "zip again.",
                       zip->what, name);
    if (info->encryption_method != ZIP_EM_NONE)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s: %s is encrypted; make the zip without a password.", zip->what, name);
    if (info->comp_method != ZIP_CM_STORE && info->comp_method != ZIP_CM_DEFLATE)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s: %s is packed with method %u; make the zip with deflate or stored.",
                       zip->what, name, info->comp_method);
    if (!is_possible(info))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: %s cannot unpack to the %s that the zip declares; make the zip again.",
                       zip->what, name, fl_text_size(size, info->size));
    if (info->size > most)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "%s: %s would unpack to %s, where at most %s are expected; make the zip "
                       "again.",
                       zip->what, name, fl_text_size(size, info->size), fl_text_size(limit, most));
    return FL_OK;
}

uint64_t fl_zip_count(const struct fl_zip *zip)
{
    zip_int64_t n = zip_get_num_entries(zip->archive, 0);

    return n > 0 ? (uint64_t)n : 0;
}

const char *fl_zip_name(struct fl_zip *zip, uint64_t at)
{
    return zip_get_name(zip->archive, at, ZIP_FL_ENC_RAW);
}

enum fl_err fl_zip_entry(struct fl_zip *zip, uint64_t at, uint64_t most, size_t *size,
                         struct fl_error *error)
{
    const char *name = fl_zip_name(zip, at);
    zip_stat_t info;

    *size = 0;
    if (!name || zip_stat_index(zip->archive, at, 0, &info) != 0)
        return refuse(zip->what, zip_get_error(zip->archive), error);
    enum fl_err err = check_entry(zip, name, &info, most, error);
    if (!err)
        *size = (size_t)info.size;
    return err;
}

enum fl_err fl_zip_find(struct fl_zip *zip, const char *name, uint64_t most, uint64_t *at,
                        size_t *size, struct fl_error *error)
{
    zip_int64_t found = zip_name_locate(zip->archive, name, ZIP_FL_ENC_RAW);

    *at = 0;
    *size = 0;
    if (found < 0)
        return fl_fail(error, FL_ERR_NOT_FOUND, "%s has no %s; make the zip again.", zip->what,
                       name);
    *at = (uint64_t)found;
    return fl_zip_entry(zip, *at, most, size, error);
}

static enum fl_err read_entry(struct fl_zip *zip, zip_file_t *file, void *out, size_t len,
                              struct fl_error *error)
{
    uint8_t *to = out;
    size_t got = 0;
    zip_int64_t n = 1;

    // The read that finds the end is the one that verifies the checksum.
    while (got < len && n > 0) {
        n = zip_fread(file, to + got, len - got < READ ? len - got : READ);
        got += n > 0 ? (size_t)n : 0;
        fl_progress_tell(zip->progress, (double)got / (double)len);
    }
    if (n < 0)
        return refuse(zip->what, zip_file_get_error(file), error);
    if (got < len)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is cut off: an entry ends too early; copy or make the zip again.",
                       zip->what);
    return FL_OK;
}

enum fl_err fl_zip_read(struct fl_zip *zip, uint64_t at, void *out, size_t len,
                        struct fl_error *error)
{
    zip_file_t *file = zip_fopen_index(zip->archive, at, 0);
    zip_stat_t info;
    uint8_t more = 0;

    if (!file)
        return refuse(zip->what, zip_get_error(zip->archive), error);
    enum fl_err err = read_entry(zip, file, out, len, error);
    if (!err && zip_stat_index(zip->archive, at, 0, &info) == 0 && info.size == len) {
        zip_int64_t n = zip_fread(file, &more, 1);
        if (n < 0)
            err = refuse(zip->what, zip_file_get_error(file), error);
        else if (n > 0)
            err = fl_fail(error, FL_ERR_FORMAT,
                          "%s holds an entry that is larger than it declares; make the zip again.",
                          zip->what);
    }
    zip_fclose(file);
    return err;
}
