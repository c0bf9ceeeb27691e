#include "envi_header.h"

#include "envi_shown.h"
#include "envi_text.h"

#include "proto/state.h"
#include "proto/utf8.h"
#include "server/base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    const char *what; // borrowed
    struct fl_envi_text text;
};

static const char *value_of(const struct reading *reading, const char *key)
{
    const struct fl_envi_entry *entry = fl_envi_text_find(&reading->text, key);
    return entry ? entry->value : NULL;
}

static enum fl_err refuse(const struct reading *reading, const char *key, const char *wants,
                          struct fl_error *error)
{
    return fl_fail(error, FL_ERR_FORMAT, "%s: \"%s\" must be %s, not \"%.40s\"; correct it.",
                   reading->what, key, wants, value_of(reading, key));
}

// A whole number from `least` on; `otherwise` where the key is missing, UINT64_MAX: it may not be.
static enum fl_err read_count(const struct reading *reading, const char *key, uint64_t least,
                              uint64_t otherwise, uint64_t *out, struct fl_error *error)
{
    const char *text = value_of(reading, key);
    char *end = NULL;

    *out = otherwise;
    if (!text && otherwise != UINT64_MAX)
        return FL_OK;
    if (!text)
        return fl_fail(error, FL_ERR_FORMAT, "%s does not say \"%s\"; add it.", reading->what, key);
    errno = 0;
    *out = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    if (!end || *end || errno || *out < least)
        return refuse(reading, key, least ? "a whole number from 1 on" : "a whole number", error);
    return FL_OK;
}

static enum fl_err read_type(const struct reading *reading, struct fl_envi_header *out,
                             struct fl_error *error)
{
    static const enum fl_dtype types[16] = {
        [0] = FL_DTYPES, [1] = FL_U1,     [2] = FL_I2,      [3] = FL_I4,
        [4] = FL_F4,     [5] = FL_F8,     [6] = FL_DTYPES,  [7] = FL_DTYPES,
        [8] = FL_DTYPES, [9] = FL_DTYPES, [10] = FL_DTYPES, [11] = FL_DTYPES,
        [12] = FL_U2,    [13] = FL_U4,    [14] = FL_I8,     [15] = FL_U8,
    };
    bool is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    uint64_t number = 0, order = 0;
    enum fl_err err = read_count(reading, "data type", 0, UINT64_MAX, &number, error);

    if (err)
        return err;
    if (number == 6 || number == 9)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s holds complex numbers (data type %d); save their magnitude.",
                       reading->what, (int)number);
    if (number > 15 || types[number] == FL_DTYPES)
        return refuse(reading, "data type", "1 to 5 or 12 to 15", error);
    out->type = types[number];
    // For single bytes it does not matter; else a missing order would be a guess.
    err = read_count(reading, "byte order", 0, fl_dtype_size(out->type) == 1 ? 0 : UINT64_MAX,
                     &order, error);
    if (!err && order > 1)
        err = refuse(reading, "byte order", "0 or 1", error);
    out->swap = fl_dtype_size(out->type) > 1 && (order == 1) != is_big;
    return err;
}

static enum fl_err read_order(const struct reading *reading, struct fl_envi_header *out,
                              struct fl_error *error)
{
    static const char *const names[] = {"bsq", "bil", "bip"};
    const char *text = value_of(reading, "interleave");

    if (!text)
        return fl_fail(error, FL_ERR_FORMAT, "%s does not say \"interleave\"; add it.",
                       reading->what);
    for (int k = 0; k < 3; k++)
        if (strcasecmp(text, names[k]) == 0) {
            out->order = (enum fl_envi_order)k;
            return FL_OK;
        }
    return refuse(reading, "interleave", "bsq, bil or bip", error);
}

// Kinds of files that share the header but not the meaning.
static enum fl_err check_kind(const struct reading *reading, struct fl_error *error)
{
    static const char *const none[] = {"major frame offsets", "minor frame offsets",
                                       "file compression"};
    const char *kind = value_of(reading, "file type");

    if (kind && strcasecmp(kind, "ENVI Spectral Library") == 0)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s is a spectral library, which has no picture; give an image cube.",
                       reading->what);
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        const char *text = value_of(reading, none[k]);
        if (text && text[strspn(text, "0, ")] != '\0')
            return fl_fail(error, FL_ERR_UNSUPPORTED,
                           "%s: \"%s\" other than 0 is not read; save the cube without it.",
                           reading->what, none[k]);
    }
    return FL_OK;
}

// A list of as many numbers as there are bands; *out is NULL where the key is missing.
static enum fl_err read_list(const struct reading *reading, const char *key, uint64_t n,
                             double **out, struct fl_error *error)
{
    const struct fl_envi_entry *entry = fl_envi_text_find(&reading->text, key);
    char *at = entry ? entry->value : NULL, *end = NULL;
    uint64_t got = 0;

    *out = NULL;
    if (!entry)
        return FL_OK;
    double *values = fl_calloc(n, sizeof *values);
    for (; got < n; got++, at = end + strspn(end, ", \t\r\n")) {
        values[got] = strtod(at, &end);
        if (end == at || !isfinite(values[got]) || !(*end == '\0' || strchr(", \t\r\n", *end)))
            break;
    }
    if (got == n && *at == '\0') {
        *out = values;
        return FL_OK;
    }
    free(values);
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s: \"%s\" must have one number for each of the %llu bands; correct it or take "
                   "it out.",
                   reading->what, key, (unsigned long long)n);
}

static enum fl_err read_bad_bands(const struct reading *reading, struct fl_envi_header *out,
                                  struct fl_error *error)
{
    double *list = NULL;
    uint64_t good = 0;
    enum fl_err err = read_list(reading, "bbl", out->bands, &list, error);

    if (err || !list)
        return err;
    out->bad = fl_calloc(out->bands, sizeof *out->bad);
    for (uint64_t k = 0; k < out->bands; k++) {
        out->bad[k] = list[k] == 0;
        good += !out->bad[k];
    }
    free(list);
    if (good == 0)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"bbl\" calls every band bad, so that nothing is left; correct it.",
                       reading->what);
    return FL_OK;
}

// "Nanometers" and "nm" to "nm"; what is not known stays as it is.
static void read_unit(const struct reading *reading, char out[16])
{
    static const char *const names[][2] = {
        {"nanometers", "nm"},   {"nanometer", "nm"},   {"nanometres", "nm"}, {"nm", "nm"},
        {"micrometers", "µm"},  {"micrometer", "µm"},  {"microns", "µm"},    {"um", "µm"},
        {"wavenumber", "cm⁻¹"}, {"millimeters", "mm"}, {"unknown", ""},      {"index", ""},
    };
    const char *text = value_of(reading, "wavelength units");

    out[0] = '\0';
    if (!text || strlen(text) >= 16 || !fl_utf8_is_text((const uint8_t *)text, strlen(text)))
        return;
    memcpy(out, text, strlen(text) + 1);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcasecmp(text, names[k][0]) == 0)
            memcpy(out, names[k][1], strlen(names[k][1]) + 1);
}

static enum fl_err read_ignored(const struct reading *reading, struct fl_envi_header *out,
                                struct fl_error *error)
{
    const char *text = value_of(reading, "data ignore value");
    char *end = NULL;

    if (!text)
        return FL_OK;
    out->ignored = strtod(text, &end);
    if (end == text || *end)
        return refuse(reading, "data ignore value", "a number", error);
    out->ignores = !isnan(out->ignored); // which is none anyway
    return FL_OK;
}

static enum fl_err read_all(const struct reading *reading, struct fl_envi_header *out,
                            struct fl_error *error)
{
    enum fl_err err = check_kind(reading, error);

    if (!err)
        err = read_count(reading, "samples", 1, UINT64_MAX, &out->w, error);
    if (!err)
        err = read_count(reading, "lines", 1, UINT64_MAX, &out->h, error);
    if (!err)
        err = read_count(reading, "bands", 1, UINT64_MAX, &out->bands, error);
    if (!err && out->bands > FL_MAX_CHANNELS)
        err = fl_fail(error, FL_ERR_TOO_BIG,
                      "%s has %llu bands, and a map may have %d channels; save a part of them.",
                      reading->what, (unsigned long long)out->bands, FL_MAX_CHANNELS);
    if (!err)
        err = read_type(reading, out, error);
    if (!err)
        err = read_order(reading, out, error);
    if (!err)
        err = read_count(reading, "header offset", 0, 0, &out->offset, error);
    if (!err)
        err = read_bad_bands(reading, out, error);
    if (!err)
        err = read_list(reading, "wavelength", out->bands, &out->axis, error);
    if (!err)
        err = read_ignored(reading, out, error);
    read_unit(reading, out->unit);
    return err;
}

enum fl_err fl_envi_parse(const char *what, const void *text, size_t len,
                          struct fl_envi_header *out, struct fl_error *error)
{
    struct reading reading = {.what = what};

    *out = (struct fl_envi_header){0};
    if (len > FL_ENVI_HEADER)
        return fl_fail(error, FL_ERR_FORMAT, "%s is no ENVI header: it has more than 4 MiB.", what);
    enum fl_err err = fl_envi_text_split(what, text, len, &reading.text, error);
    if (!err)
        err = read_all(&reading, out, error);
    if (!err)
        fl_envi_shown_read(what, &reading.text, out);
    fl_envi_text_finish(&reading.text);
    if (err)
        fl_envi_header_finish(out);
    return err;
}

void fl_envi_header_finish(struct fl_envi_header *header)
{
    free(header->bad);
    free(header->axis);
    *header = (struct fl_envi_header){0};
}
