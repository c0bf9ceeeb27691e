#include "npy.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// NumPy writes a few hundred bytes; structured types, which need more, are refused anyway.
enum { MAX_HEADER = 65536, PREFIX = 8, DESCR = 32 };

// A cursor over the dict's text.
struct text {
    const char *at, *end;
    const char *what; // borrowed; begins the sentences
    bool bfloat16;
};

static enum fl_err broken(const struct text *text, const char *why, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s is not a proper .npy file: %s; save it again with numpy.save.", text->what,
                   why);
}

static char peek(struct text *text)
{
    while (text->at < text->end && strchr(" \t\r\n", *text->at) && *text->at)
        text->at++;
    return text->at < text->end ? *text->at : '\0';
}

static bool take(struct text *text, char c)
{
    if (peek(text) != c || c == '\0')
        return false;
    text->at++;
    return true;
}

static bool take_word(struct text *text, const char *word)
{
    size_t len = strlen(word);

    peek(text);
    if ((size_t)(text->end - text->at) < len || memcmp(text->at, word, len) != 0)
        return false;
    text->at += len;
    return true;
}

// A quoted string without escapes (none of what is looked for has any), cut to fit.
static bool take_string(struct text *text, char out[DESCR])
{
    char quote = peek(text);
    size_t len = 0;

    if (quote != '\'' && quote != '"')
        return false;
    for (text->at++; text->at < text->end && *text->at != quote; text->at++) {
        if (*text->at == '\\')
            return false;
        if (len + 1 < DESCR)
            out[len++] = *text->at;
    }
    out[len] = '\0';
    return take(text, quote);
}

static bool take_number(struct text *text, uint64_t *out)
{
    *out = 0;
    if (!isdigit((unsigned char)peek(text)))
        return false;
    for (; text->at < text->end && isdigit((unsigned char)*text->at); text->at++)
        if (__builtin_mul_overflow(*out, 10u, out) ||
            __builtin_add_overflow(*out, (uint64_t)(*text->at - '0'), out))
            return false;
    if (text->at < text->end && *text->at == 'L') // Python 2
        text->at++;
    return true;
}

static enum fl_err take_shape(struct text *text, struct fl_array *out, struct fl_error *error)
{
    if (!take(text, '('))
        return broken(text, "its shape is not a tuple", error);
    while (!take(text, ')')) {
        if (out->n_dims == FL_ARRAY_DIMS)
            return broken(text, "its shape has more than 32 sizes", error);
        if (!take_number(text, &out->dims[out->n_dims++]))
            return broken(text, "its shape has something other than sizes below 2^64", error);
        if (!take(text, ',') && peek(text) != ')')
            return broken(text, "its shape is not a tuple", error);
    }
    return FL_OK;
}

static enum fl_err refuse_type(const struct text *text, const char *descr, const char *why,
                               struct fl_error *error)
{
    return fl_fail(error, FL_ERR_UNSUPPORTED, "%s holds %s (dtype %s).", text->what, why, descr);
}

// NumPy's kinds that are no plain numbers, or numbers of a width we do not know.
static enum fl_err refuse_kind(const struct text *text, const char *descr, char kind,
                               struct fl_error *error)
{
    switch (kind) {
    case 'c':
        return refuse_type(text, descr,
                           "complex numbers; save their magnitude, numpy.abs(a), or one part, "
                           "a.real",
                           error);
    case 'f':
    case 'g':
        return refuse_type(text, descr,
                           "floating-point numbers of an unusual width; save "
                           "a.astype(numpy.float32)",
                           error);
    case 'O':
        return refuse_type(text, descr,
                           "Python objects; save one plain array of numbers, for instance "
                           "numpy.stack(a).astype(numpy.float32)",
                           error);
    case 'S':
    case 'a':
        return refuse_type(text, descr, "byte strings; save an array of numbers", error);
    case 'U':
        return refuse_type(text, descr, "text; save an array of numbers", error);
    case 'M':
    case 'm':
        return refuse_type(text, descr, "dates or times; save an array of numbers", error);
    case 'V':
        return refuse_type(text, descr,
                           "raw bytes, which is how NumPy saves bfloat16 and other types it does "
                           "not know; save a.astype(numpy.float32), or say \"dtype\": "
                           "\"bfloat16\" in scene.json",
                           error);
    default:
        return refuse_type(text, descr,
                           "values of a type that is not known; save "
                           "a.astype(numpy.float32)",
                           error);
    }
}

// "<f4": byte order, kind, bytes.
static enum fl_err read_descr(const struct text *text, const char *descr, struct fl_array *out,
                              struct fl_error *error)
{
    const char *kind = descr + (descr[0] && strchr("<>=|", descr[0]) ? 1 : 0);
    bool is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

    for (enum fl_dtype type = 0; type < FL_DTYPES; type++) {
        const char *name = type == FL_BF16 ? (text->bfloat16 ? "V2" : "") : fl_dtype_name(type);
        if (!*name || strcmp(kind, name) != 0)
            continue;
        out->type = type;
        // "=" and "|" in a file say little-endian; for one byte it does not matter.
        out->swap = fl_dtype_size(type) > 1 && (descr[0] == '>') != is_big;
        return FL_OK;
    }
    return refuse_kind(text, descr, kind[0], error);
}

static enum fl_err take_descr(struct text *text, struct fl_array *out, struct fl_error *error)
{
    char descr[DESCR];

    if (peek(text) == '[' || peek(text) == '(')
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s holds records of several fields (a structured dtype); save one field, "
                       "a[\"name\"], as an array of its own.",
                       text->what);
    if (!take_string(text, descr))
        return broken(text, "its descr is not a string", error);
    return read_descr(text, descr, out, error);
}

enum key { DESCR_KEY = 1, FORTRAN_KEY = 2, SHAPE_KEY = 4, ALL_KEYS = 7 };

static enum fl_err take_entry(struct text *text, unsigned *seen, struct fl_array *out,
                              struct fl_error *error)
{
    char name[DESCR];
    unsigned key = 0;

    if (!take_string(text, name) || !take(text, ':'))
        return broken(text, "its header is not a dict", error);
    if (strcmp(name, "descr") == 0)
        key = DESCR_KEY;
    if (strcmp(name, "fortran_order") == 0)
        key = FORTRAN_KEY;
    if (strcmp(name, "shape") == 0)
        key = SHAPE_KEY;
    if (!key || *seen & key)
        return broken(text, "its header has a key too many", error);
    *seen |= key;
    if (key == DESCR_KEY)
        return take_descr(text, out, error);
    if (key == SHAPE_KEY)
        return take_shape(text, out, error);
    out->fortran = take_word(text, "True");
    if (!out->fortran && !take_word(text, "False"))
        return broken(text, "its fortran_order is neither True nor False", error);
    return FL_OK;
}

static enum fl_err read_dict(struct text *text, struct fl_array *out, struct fl_error *error)
{
    unsigned seen = 0;

    if (!take(text, '{'))
        return broken(text, "its header is not a dict", error);
    while (!take(text, '}')) {
        enum fl_err err = take_entry(text, &seen, out, error);
        if (err)
            return err;
        if (!take(text, ',') && peek(text) != '}')
            return broken(text, "its header is not a dict", error);
    }
    if (seen != ALL_KEYS)
        return broken(text, "its header does not have descr, fortran_order and shape", error);
    if (peek(text) != '\0' || text->at != text->end)
        return broken(text, "something stands behind the dict of its header", error);
    return FL_OK;
}

// Magic, version, length of the dict's text (little-endian, 2 bytes in version 1, else 4).
static enum fl_err find_dict(struct text *text, const uint8_t *bytes, size_t len,
                             struct fl_error *error)
{
    size_t size_bytes = len > 6 && bytes[6] > 1 ? 4 : 2, size = 0;

    if (len < 6 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is not a .npy file: it does not begin with NumPy's mark; save it with "
                       "numpy.save.",
                       text->what);
    if (len < PREFIX + size_bytes)
        return broken(text, "it ends inside its header", error);
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s is a .npy file of version %d.%d, and 1.0, 2.0 and 3.0 are known; save "
                       "it again with numpy.save.",
                       text->what, bytes[6], bytes[7]);
    for (size_t i = 0; i < size_bytes; i++)
        size |= (size_t)bytes[PREFIX + i] << 8 * i;
    if (size > MAX_HEADER)
        return broken(text, "its header has more than 64 KiB", error);
    if (size > len - PREFIX - size_bytes)
        return broken(text, "it ends inside its header", error);
    text->at = (const char *)bytes + PREFIX + size_bytes;
    text->end = text->at + size;
    return FL_OK;
}

enum fl_err fl_npy_parse(const char *what, const void *bytes, size_t len, bool bfloat16,
                         struct fl_npy_header *out, struct fl_error *error)
{
    struct text text = {.what = what, .bfloat16 = bfloat16};
    struct fl_npy_header header = {0};

    *out = header;
    enum fl_err err = find_dict(&text, bytes, len, error);
    if (err)
        return err;
    header.data = (size_t)(text.end - (const char *)bytes);
    err = read_dict(&text, &header.array, error);
    if (!err)
        *out = header;
    return err;
}
