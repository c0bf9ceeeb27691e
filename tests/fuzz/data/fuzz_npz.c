#include "check.h"

#include "server/base/log.h"
#include "server/data/npz.h"

#include <zip.h>

// Any bytes as a .npz archive, and as two arrays in a sound one, past which checksums would keep a
// fuzzer; under several hints.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void try_archive(const void *bytes, size_t len)
{
    static const struct fl_spec specs[] = {
        {0},
        {.layout = FL_LAYOUT_CHW, .array = "a"},
        {.layout = FL_LAYOUT_NLC, .grid = {2, 3}, .skip = 1, .has_type = true, .type = FL_BF16},
    };
    const struct fl_file_bytes file = {"fuzz.npz", bytes, len, NULL};

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct fl_layout_hint hint = fl_spec_hint(&specs[i], FL_LAYOUT_AUTO, (double[]){0, 0});
        struct fl_layers layers;
        struct fl_error error = {0};
        enum fl_err err = fl_npz_read(&file, &specs[i], &hint, &layers, &error);
        if (err)
            check_refusal(err, &error);
        else
            check_layers(&layers);
    }
}

static void add_member(zip_t *zip, const char *name, const uint8_t *bytes, size_t len, bool packed)
{
    zip_source_t *from = zip_source_buffer(zip, bytes, len, 0);
    zip_int64_t at = from ? zip_file_add(zip, name, from, 0) : -1;

    if (at < 0 || zip_set_file_compression(zip, (zip_uint64_t)at,
                                           packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 1) != 0)
        abort();
}

// The first byte says where the second array begins, and whether both are packed.
static void try_members(const uint8_t *bytes, size_t len)
{
    size_t half = (len - 1) * bytes[0] / 255;
    zip_error_t reason;
    zip_stat_t info;
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &reason);

    if (!out)
        abort();
    zip_source_keep(out);
    zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, &reason);
    if (!zip)
        abort();
    add_member(zip, "a.npy", bytes + 1, half, bytes[0] & 1);
    add_member(zip, "image.npy", bytes + 1 + half, len - 1 - half, bytes[0] & 1);
    if (zip_close(zip) != 0 || zip_source_open(out) != 0 || zip_source_stat(out, &info) != 0)
        abort();
    uint8_t *made = malloc(info.size);
    if (!made || zip_source_read(out, made, info.size) != (zip_int64_t)info.size)
        abort();
    zip_source_close(out);
    zip_source_free(out);
    try_archive(made, info.size);
    free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fl_log_set_level(FL_LOG_ERROR);
    try_archive(bytes, len);
    if (len > 0)
        try_members(bytes, len);
    return 0;
}
