#include "field.h"
#include "state.h"
#include "utf8.h"

#include <string.h>

// A URL's query: pairs key=value with & between them, %XX and + encoded.

enum { MAX_KEY = 32, MAX_VALUE = 2048 }; // longest is refs: 16 triples of numbers

struct cursor {
    const char *at, *end;
};

struct part { // borrowed, still encoded
    const char *text;
    size_t len;
};

static bool next_pair(struct cursor *c, struct part *key, struct part *value)
{
    if (c->at == c->end)
        return false;
    size_t left = (size_t)(c->end - c->at);
    const char *stop = memchr(c->at, '&', left);
    size_t len = stop ? (size_t)(stop - c->at) : left;
    const char *equals = memchr(c->at, '=', len);

    *key = (struct part){c->at, equals ? (size_t)(equals - c->at) : len};
    *value = (struct part){c->at + len, 0};
    if (equals)
        *value = (struct part){equals + 1, (size_t)(c->at + len - equals - 1)};
    c->at += len + (stop ? 1 : 0);
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Writes text and a terminator. False: a broken %XX, no UTF-8 text, or no room.
static bool decode(struct part part, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < part.len; i++) {
        char c = part.text[i];
        if (c == '+')
            c = ' ';
        if (c == '%') {
            int high = part.len - i > 2 ? hex_digit(part.text[i + 1]) : -1;
            int low = part.len - i > 2 ? hex_digit(part.text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (n + 1 >= size)
            return false;
        out[n++] = c;
    }
    if (size == 0)
        return false;
    out[n] = 0;
    return fl_utf8_is_text((const uint8_t *)out, n);
}

bool fl_query_get(const char *query, size_t len, const char *key, char *out, size_t size)
{
    struct cursor c = {query, query + len};
    struct part name, value, found = {0};
    char text[MAX_KEY];

    while (next_pair(&c, &name, &value))
        if (decode(name, text, sizeof text) && strcmp(text, key) == 0)
            found = value;
    if (found.text && decode(found, out, size))
        return true;
    if (size > 0)
        out[0] = 0;
    return false;
}

static enum fl_err set_one(const struct fl_field *field, struct part encoded, struct fl_set *set,
                           struct fl_error *error)
{
    char text[MAX_VALUE];
    struct fl_value value;

    if (!decode(encoded, text, sizeof text))
        return fl_fail(error, FL_ERR_RANGE,
                       "The value of '%s' is over %d bytes or not UTF-8 text with each %% "
                       "followed by two hexadecimal digits.",
                       field->key, MAX_VALUE - 1);
    if (!fl_value_parse(text, fl_field_form(field), &value) ||
        (value.null && !fl_field_takes_null(field)) || !fl_field_put(field, &value, set))
        return fl_field_refuse(field, FL_ERR_RANGE, error);
    return FL_OK;
}

enum fl_err fl_set_parse_query(const char *query, size_t len, struct fl_set *out,
                               struct fl_error *error)
{
    struct cursor c = {query, query + len};
    struct part name, value;
    struct fl_set set;

    memset(out, 0, sizeof *out);
    memset(&set, 0, sizeof set);
    while (next_pair(&c, &name, &value)) {
        char text[MAX_KEY];
        if (!decode(name, text, sizeof text))
            continue; // no key of ours
        struct fl_span key = {(const uint8_t *)text, strlen(text)};
        const struct fl_field *field = fl_field_find(fl_set_fields, key);
        enum fl_err err = field ? set_one(field, value, &set, error) : FL_OK;
        if (err)
            return err;
    }
    memcpy(out, &set, sizeof *out); // padding too: the same query is the same bytes
    return FL_OK;
}
