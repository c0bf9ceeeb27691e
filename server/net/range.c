#include "range.h"

#include <string.h>

// Digits up to the first other character, which *end gets. False: none, or too large a number.
static bool read_digits(const char *text, uint64_t *out, const char **end)
{
    uint64_t value = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    *end = at;
    return at > text;
}

bool fl_range_number(const char *text, uint64_t *out)
{
    const char *end = NULL;
    return read_digits(text, out, &end) && *end == '\0';
}

static bool read_range(const char *text, struct fl_piece *out)
{
    uint64_t last = 0;
    const char *at = text;

    if (strncmp(at, "bytes ", 6) != 0 || !read_digits(at + 6, &out->first, &at) || *at != '-' ||
        !read_digits(at + 1, &last, &at) || *at != '/' || !read_digits(at + 1, &out->total, &at) ||
        *at != '\0')
        return false;
    out->last = last + 1;
    return out->first <= last && last < out->total;
}

enum fl_err fl_range_parse(const char *text, uint64_t len, struct fl_piece *out,
                           struct fl_error *error)
{
    *out = (struct fl_piece){.last = len, .total = len, .whole = true};
    if (len == 0)
        return fl_fail(error, FL_ERR_RANGE, "The body is empty; send the file's bytes.");
    if (!text)
        return FL_OK;
    out->whole = false;
    if (!read_range(text, out) || out->last - out->first != len)
        return fl_fail(error, FL_ERR_RANGE,
                       "Content-Range is \"bytes FIRST-LAST/TOTAL\" with FIRST <= LAST < TOTAL and "
                       "as many bytes as the body has.");
    if (len > FL_UPLOAD_PIECE)
        return fl_fail(error, FL_ERR_TOO_BIG, "A piece has at most %d bytes; send smaller ones.",
                       FL_UPLOAD_PIECE);
    return FL_OK;
}
