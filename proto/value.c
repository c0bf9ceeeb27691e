#include "value.h"

#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_number(struct fl_value *value, double number)
{
    size_t room = sizeof value->numbers / sizeof *value->numbers;
    if (value->n == room || !isfinite(number))
        value->misfit = true;
    else
        value->numbers[value->n++] = number;
}

static void put_text(struct fl_value *value, const void *bytes, size_t len)
{
    if (len >= sizeof value->text)
        value->misfit = true;
    else if (len > 0)
        memcpy(value->text, bytes, len); // zeroed before: the terminator is there
}

static bool read_text(struct fl_reader *r, struct fl_value *out)
{
    if (fl_reader_peek(r) != FL_TAG_STR)
        return false;
    struct fl_span text = fl_read_str(r);
    if (!fl_reader_ok(r) || !fl_utf8_is_text(text.bytes, text.len))
        return false;
    put_text(out, text.bytes, text.len);
    return true;
}

static bool read_numbers(struct fl_reader *r, uint32_t n, struct fl_value *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (fl_reader_peek(r) != FL_TAG_NUMBER)
            return false;
        double number = fl_read_number(r);
        if (!fl_reader_ok(r))
            return false;
        add_number(out, number);
    }
    return true;
}

static bool read_triples(struct fl_reader *r, uint32_t n, struct fl_value *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (fl_reader_peek(r) != FL_TAG_ARRAY)
            return false;
        uint32_t numbers = fl_read_array(r);
        if (numbers != 3)
            out->misfit = true;
        if (!fl_reader_ok(r) || !read_numbers(r, numbers, out))
            return false;
    }
    return true;
}

static bool read_list(struct fl_reader *r, enum fl_form form, struct fl_value *out)
{
    if (fl_reader_peek(r) != FL_TAG_ARRAY)
        return false;
    uint32_t n = fl_read_array(r);
    if (!fl_reader_ok(r))
        return false;
    if (form == FL_FORM_TRIPLES)
        return read_triples(r, n, out);
    if (form == FL_FORM_NUMBERS)
        return read_numbers(r, n, out);
    if (n == 0) { // NAMED without a name
        out->misfit = true;
        return true;
    }
    return read_text(r, out) && read_numbers(r, n - 1, out);
}

bool fl_value_read(struct fl_reader *r, enum fl_form form, struct fl_value *out)
{
    *out = (struct fl_value){0};
    enum fl_tag tag = fl_reader_peek(r);
    if (tag == FL_TAG_NIL) {
        fl_read_nil(r);
        out->null = true;
        return true;
    }
    switch (form) {
    case FL_FORM_FLAG:
        if (tag == FL_TAG_BOOL)
            out->flag = fl_read_bool(r);
        return tag == FL_TAG_BOOL;
    case FL_FORM_NUMBER:
        return read_numbers(r, 1, out);
    case FL_FORM_TEXT:
        return read_text(r, out);
    case FL_FORM_NUMBERS:
    case FL_FORM_TRIPLES:
    case FL_FORM_NAMED:
        return read_list(r, form, out);
    }
    return false;
}

// strtod also takes blanks, hexadecimal, "inf" and "nan": only digits, signs, a point and an
// exponent come this far.
static bool parse_number(const char *text, size_t len, struct fl_value *out)
{
    char copy[64];
    char *end = NULL;

    if (len == 0 || len >= sizeof copy || strspn(text, "+-.0123456789eE") < len)
        return false;
    memcpy(copy, text, len);
    copy[len] = 0;
    double number = strtod(copy, &end);
    add_number(out, number + 0.0); // -0 becomes 0
    return *end == 0;
}

static bool parse_list(const char *text, struct fl_value *out)
{
    for (;;) {
        size_t len = strcspn(text, ",");
        if (!parse_number(text, len, out))
            return false;
        if (text[len] == 0)
            return true;
        text += len + 1;
    }
}

static bool parse_named(const char *text, struct fl_value *out)
{
    size_t len = strcspn(text, ",");
    put_text(out, text, len);
    return text[len] == 0 || parse_list(text + len + 1, out);
}

bool fl_value_parse(const char *text, enum fl_form form, struct fl_value *out)
{
    *out = (struct fl_value){0};
    if (form != FL_FORM_TEXT && (*text == 0 || strcmp(text, "null") == 0)) {
        out->null = true;
        return true;
    }
    switch (form) {
    case FL_FORM_FLAG:
        out->flag = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
        return out->flag || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    case FL_FORM_NUMBER:
        return parse_number(text, strlen(text), out);
    case FL_FORM_TEXT:
        put_text(out, text, strlen(text));
        return true;
    case FL_FORM_NUMBERS:
    case FL_FORM_TRIPLES:
        return parse_list(text, out);
    case FL_FORM_NAMED:
        return parse_named(text, out);
    }
    return false;
}
