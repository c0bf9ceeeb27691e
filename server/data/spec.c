#include "spec.h"

#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool take_number(const char **at, uint64_t *out)
{
    *out = 0;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); ++*at)
        if (__builtin_mul_overflow(*out, 10u, out) ||
            __builtin_add_overflow(*out, (uint64_t)(**at - '0'), out))
            return false;
    return true;
}

// "52x80" or "52,80": up to `most` numbers of at least 1; how many, 0 for anything else.
static unsigned read_numbers(const char *text, uint64_t *out, unsigned most)
{
    for (unsigned n = 0; n < most; text++) {
        if (!take_number(&text, &out[n]) || out[n++] == 0)
            return 0;
        if (!*text)
            return n;
        if (*text != 'x' && *text != ',')
            return 0;
    }
    return 0;
}

static bool read_whole(const char *text, uint64_t *out)
{
    return take_number(&text, out) && !*text;
}

static bool set_type(struct fl_spec *spec, const char *value)
{
    spec->has_type = fl_dtype_parse(value, &spec->type, &spec->swap);
    return spec->has_type;
}

static bool set_shape(struct fl_spec *spec, const char *value)
{
    spec->n_dims = read_numbers(value, spec->dims, FL_ARRAY_DIMS);
    return spec->n_dims > 0;
}

enum fl_err fl_spec_set(struct fl_spec *spec, const char *what, const char *key, const char *value,
                        struct fl_error *error)
{
    const char *wants = NULL;

    if (strcmp(key, "layout") == 0)
        wants = fl_layout_parse(value, &spec->layout) ? NULL : "HWC, CHW, 1HWC, 1CHW or NLC";
    else if (strcmp(key, "grid") == 0)
        wants = read_numbers(value, spec->grid, 2) == 2 ? NULL : "rows and columns, as 52x80";
    else if (strcmp(key, "skip") == 0)
        wants = read_whole(value, &spec->skip) ? NULL : "a whole number";
    else if (strcmp(key, "dtype") == 0)
        wants = set_type(spec, value) ? NULL : "a type like f4, <f2, >u2 or bfloat16";
    else if (strcmp(key, "shape") == 0)
        wants = set_shape(spec, value) ? NULL : "sizes from 1 on, as 106x160x256";
    else if (strcmp(key, "offset") == 0)
        wants = read_whole(value, &spec->offset) ? NULL : "a whole number of bytes";
    else
        return fl_fail(error, FL_ERR_UNKNOWN_TYPE,
                       "%s: \"%.60s\" is not known; there are layout, grid, skip, shape, dtype and "
                       "offset.",
                       what, key);
    if (!wants)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "%s: \"%s\" takes %s, not \"%.60s\".", what, key, wants,
                   value);
}

enum fl_err fl_spec_check(const struct fl_spec *spec, const char *what, struct fl_error *error)
{
    bool grid = spec->grid[0] > 0;

    if ((grid || spec->skip > 0) && spec->layout != FL_LAYOUT_NLC)
        return fl_fail(error, FL_ERR_RANGE,
                       "%s: grid and skip tell how tokens lie; say layout NLC too, or leave them "
                       "out.",
                       what);
    if (spec->layout == FL_LAYOUT_NLC && !grid)
        return fl_fail(error, FL_ERR_RANGE,
                       "%s: layout NLC needs the rows and columns that the tokens are; say grid "
                       "too.",
                       what);
    if (spec->raw && (spec->n_dims == 0 || !spec->has_type))
        return fl_fail(error, FL_ERR_RANGE,
                       "%s: a raw file needs its shape and dtype, as in raw,106x160x256,f4.", what);
    if (!spec->raw && spec->has_type && spec->type != FL_BF16)
        return fl_fail(error, FL_ERR_RANGE,
                       "%s: the file tells its dtype itself; only bfloat16, which NumPy does not "
                       "know, can be said for it.",
                       what);
    if (!spec->raw && (spec->n_dims > 0 || spec->offset > 0))
        return fl_fail(error, FL_ERR_RANGE,
                       "%s: shape and offset are for raw files, whose values nothing describes; "
                       "leave them out.",
                       what);
    return FL_OK;
}

bool fl_spec_is_in(const char *path)
{
    const char *colon = strrchr(path, ':');
    struct stat info;

    if (!colon || colon == path || stat(path, &info) == 0)
        return false;
    char *file = fl_text_format("%.*s", (int)(colon - path), path);
    bool is_file = stat(file, &info) == 0 && S_ISREG(info.st_mode);
    free(file);
    return is_file;
}

char *fl_spec_file(const char *path)
{
    return fl_spec_is_in(path) ? fl_text_format("%.*s", (int)(strrchr(path, ':') - path), path)
                               : fl_text_copy(path);
}

// One word behind the ':'. What has no key is known by its form.
static enum fl_err take_word(const char *what, char *word, struct fl_spec *out,
                             struct fl_error *error)
{
    char *value = strchr(word, '=');
    enum fl_dtype type = FL_DTYPES;
    enum fl_layout layout = FL_LAYOUT_AUTO;
    bool swap = false;

    if (value) {
        *value++ = '\0';
        return fl_spec_set(out, what, word, value, error);
    }
    if (strcmp(word, "raw") == 0) {
        out->raw = true;
        return FL_OK;
    }
    if (isdigit((unsigned char)word[0]) && !fl_layout_parse(word, &layout))
        return fl_spec_set(out, what, "shape", word, error);
    if (fl_layout_parse(word, &layout))
        return fl_spec_set(out, what, "layout", word, error);
    if (fl_dtype_parse(word, &type, &swap))
        return fl_spec_set(out, what, "dtype", word, error);
    return fl_fail(error, FL_ERR_RANGE,
                   "%s: \"%.60s\" is not known; words behind a file are like "
                   "raw,106x160x256,f4,HWC or NLC,grid=52x80,skip=1.",
                   what, word);
}

enum fl_err fl_spec_split(const char *path, char **file, struct fl_spec *out,
                          struct fl_error *error)
{
    char *words = fl_text_copy(strrchr(path, ':') + 1), *rest = NULL;
    enum fl_err err = FL_OK;

    *out = (struct fl_spec){0};
    *file = fl_text_format("%.*s", (int)(strrchr(path, ':') - path), path);
    for (char *word = strtok_r(words, ",", &rest); word && !err; word = strtok_r(NULL, ",", &rest))
        err = take_word(path, word, out, error);
    if (!err)
        err = fl_spec_check(out, path, error);
    free(words);
    if (!err)
        return FL_OK;
    free(*file);
    *file = NULL;
    return err;
}

struct fl_layout_hint fl_spec_hint(const struct fl_spec *spec, enum fl_layout otherwise,
                                   const double size[2])
{
    return (struct fl_layout_hint){
        .layout = spec->layout ? spec->layout : otherwise,
        .otherwise = !spec->layout,
        .bfloat16 = spec->has_type && spec->type == FL_BF16,
        .grid = {spec->grid[0], spec->grid[1]},
        .skip = spec->skip,
        .size = {size[0], size[1]},
    };
}
