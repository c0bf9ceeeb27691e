#include "check.h"

#include "server/base/log.h"
#include "server/data/raw.h"

// A raw file: the words that tell of it up to the first line's end, then the values. What the words
// say is read key by key too, as scene.json, queries and metadata do.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static char *path_of(const uint8_t *bytes, size_t len)
{
    static const char file[] = "fuzz.raw:";
    char *path = malloc(sizeof file + len);

    if (!path)
        abort();
    memcpy(path, file, sizeof file);
    memcpy(path + sizeof file - 1, bytes, len);
    path[sizeof file - 1 + len] = '\0';
    return path;
}

static void try_keys(const char *value)
{
    static const char *const keys[] = {"layout", "grid", "skip", "dtype", "shape", "offset", "?"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct fl_spec spec = {0};
        struct fl_error error = {0};
        enum fl_err err = fl_spec_set(&spec, "fuzz", keys[i], value, &error);
        if (!err)
            err = fl_spec_check(&spec, "fuzz", &error);
        if (err)
            check_refusal(err, &error);
    }
}

static void try_values(const struct fl_spec *spec, const uint8_t *values, size_t n)
{
    const struct fl_file_bytes file = {"fuzz.raw", values, n, NULL};
    struct fl_layout_hint hint = fl_spec_hint(spec, FL_LAYOUT_AUTO, (double[]){0, 0});
    struct fl_map_source source;
    struct fl_error error = {0};
    enum fl_err err = fl_raw_read(&file, spec, &hint, &source, &error);

    if (err)
        check_refusal(err, &error);
    else
        check_source(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *line = len > 0 ? memchr(bytes, '\n', len) : NULL;
    size_t words = line ? (size_t)(line - bytes) : len;
    struct fl_spec spec = {0};
    struct fl_error error = {0};
    char *file = NULL, *path = path_of(bytes, words);

    fl_log_set_level(FL_LOG_ERROR);
    try_keys(path + strlen("fuzz.raw:"));
    enum fl_err err = fl_spec_split(path, &file, &spec, &error);
    if (err)
        check_refusal(err, &error);
    else if (spec.raw)
        try_values(&spec, line ? line + 1 : NULL, line ? len - words - 1 : 0);
    free(file);
    free(path);
    return 0;
}
