#include "field.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

// A value stored at its member; an enum by its names; a value that knows its members.
#define PLAIN(kind_, member, max_)                                                                 \
    .key = #member, .kind = FL_FIELD_##kind_, .offset = offsetof(struct fl_set, to.member),        \
    .max = (max_)
#define NAME(member, max_, names_) PLAIN(NAME, member, max_), .names = (names_)
#define OWN(name, kind_)           .key = (name), .kind = FL_FIELD_##kind_

const struct fl_field fl_set_fields[] = {
    {OWN("ref", REF), .bit = FL_SET_REF},
    {OWN("refs", REFS), .bit = FL_SET_REF},
    {OWN("region", REGION), .bit = FL_SET_REF},
    {PLAIN(TEXT, from, FL_MAX_NAME), .bit = FL_SET_FROM},
    {NAME(mode, FL_MODES, fl_mode_names), .bit = FL_SET_MODE},
    {PLAIN(U32, channel, FL_MAX_CHANNELS - 1), .bit = FL_SET_CHANNEL},
    {NAME(metric, FL_METRICS, fl_metric_names), .bit = FL_SET_METRIC},
    {NAME(origin, FL_ORIGINS, fl_origin_names), .bit = FL_SET_ORIGIN},
    {OWN("stretch", STRETCH), .bit = FL_SET_STRETCH},
    {OWN("window", WINDOW), .max = FL_MAX_SIDE, .bit = FL_SET_WINDOW},
    {OWN("size", SIZE), .max = FL_MAX_PICTURE, .bit = FL_SET_SIZE},
    {NAME(kind, FL_KINDS, fl_kind_names), .bit = FL_SET_KIND},
    {PLAIN(FLAG, vector, 0), .bit = FL_SET_VECTOR},
    {OWN("colormap", COLORMAP), .max = FL_COLORMAPS, .names = fl_colormap_names,
     .bit = FL_SET_COLORMAP},
    {PLAIN(REAL, opacity, 1), .bit = FL_SET_OPACITY},
    {NAME(picture, FL_UNDERS, fl_under_names), .bit = FL_SET_PICTURE},
    {.key = NULL},
};

const struct fl_field *fl_field_find(const struct fl_field *fields, struct fl_span key)
{
    for (const struct fl_field *field = fields; field->key; field++)
        if (fl_span_is(key, field->key))
            return field;
    return NULL;
}

enum fl_form fl_field_form(const struct fl_field *field)
{
    switch (field->kind) {
    case FL_FIELD_U32:
    case FL_FIELD_REAL:
        return FL_FORM_NUMBER;
    case FL_FIELD_FLAG:
        return FL_FORM_FLAG;
    case FL_FIELD_TEXT:
    case FL_FIELD_NAME:
    case FL_FIELD_COLORMAP:
        return FL_FORM_TEXT;
    case FL_FIELD_POINT:
    case FL_FIELD_REF:
    case FL_FIELD_REGION:
    case FL_FIELD_WINDOW:
    case FL_FIELD_SIZE:
        return FL_FORM_NUMBERS;
    case FL_FIELD_REFS:
        return FL_FORM_TRIPLES;
    case FL_FIELD_STRETCH:
        return FL_FORM_NAMED;
    }
    return FL_FORM_TEXT;
}

bool fl_field_takes_null(const struct fl_field *field)
{
    return field->kind == FL_FIELD_REF || field->kind == FL_FIELD_WINDOW ||
           field->kind == FL_FIELD_SIZE;
}

static void list_names(const struct fl_field *field, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "one of");
    for (uint32_t i = 0; i < field->max && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s %s", i ? "," : "", field->names[i]);
    if (field->kind == FL_FIELD_COLORMAP && used < size)
        snprintf(out + used, size - used, ", or one of these with _r behind it");
}

void fl_field_range(const struct fl_field *field, char *out, size_t size)
{
    const char *text = "";
    switch (field->kind) {
    case FL_FIELD_U32:
        snprintf(out, size, "a whole number from 0 to %u", field->max);
        return;
    case FL_FIELD_REAL:
        snprintf(out, size, "a number from 0 to %u", field->max);
        return;
    case FL_FIELD_TEXT:
        snprintf(out, size, "a text of at most %u bytes of UTF-8 without a zero byte",
                 field->max - 1);
        return;
    case FL_FIELD_NAME:
    case FL_FIELD_COLORMAP:
        list_names(field, out, size);
        return;
    case FL_FIELD_WINDOW:
        snprintf(out, size,
                 "four whole numbers x0, y0, x1, y1 from 0 to %u with x0 < x1 and y0 < y1, or null",
                 field->max);
        return;
    case FL_FIELD_SIZE:
        snprintf(out, size, "two whole numbers w, h from 0 to %u, or null", field->max);
        return;
    case FL_FIELD_FLAG:
        text = "true or false";
        break;
    case FL_FIELD_POINT:
        text = "two finite numbers x, y";
        break;
    case FL_FIELD_REF:
        text = "two finite numbers x, y, or null";
        break;
    case FL_FIELD_REFS:
        text = "1 to 16 triples x, y, sign of finite numbers where sign is +1 or -1";
        break;
    case FL_FIELD_REGION:
        text = "four finite numbers x0, y0, x1, y1 with x0 <= x1 and y0 <= y1";
        break;
    case FL_FIELD_STRETCH:
        text = "minmax; around; percentile, p, q with 0 <= p < q <= 100; or fixed, lo, hi with "
               "finite lo <= hi";
        break;
    }
    snprintf(out, size, "%s", text);
}

enum fl_err fl_field_refuse(const struct fl_field *field, enum fl_err code, struct fl_error *error)
{
    char range[320];
    fl_field_range(field, range, sizeof range);
    return fl_fail(error, code, "'%s' must be %s.", field->key, range);
}
