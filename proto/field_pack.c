#include "field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The same bytes as @msgpack/msgpack writes for the same JavaScript values.

#define SAFE_INTEGER 9007199254740991.0 // 2^53 - 1

int fl_pack_text(msgpack_packer *pk, const char *text)
{
    size_t len = strlen(text);
    return msgpack_pack_str(pk, len) || msgpack_pack_str_body(pk, text, len);
}

static int pack_number(msgpack_packer *pk, double number)
{
    if (number != floor(number) || fabs(number) > SAFE_INTEGER)
        return msgpack_pack_double(pk, number);
    return msgpack_pack_int64(pk, (int64_t)number);
}

static int pack_numbers(msgpack_packer *pk, const double *numbers, size_t n)
{
    if (msgpack_pack_array(pk, n))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (pack_number(pk, numbers[i]))
            return -1;
    return 0;
}

static int pack_u32s(msgpack_packer *pk, const uint32_t *numbers, size_t n)
{
    if (msgpack_pack_array(pk, n))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (msgpack_pack_uint32(pk, numbers[i]))
            return -1;
    return 0;
}

static int pack_name(msgpack_packer *pk, const struct fl_field *field, const void *at)
{
    unsigned i = 0;
    memcpy(&i, at, sizeof i);
    return i < field->max ? fl_pack_text(pk, field->names[i]) : -1;
}

static int pack_colormap(msgpack_packer *pk, const struct fl_state *to)
{
    char name[32];
    if ((unsigned)to->colormap >= FL_COLORMAPS)
        return -1;
    snprintf(name, sizeof name, "%s%s", fl_colormap_names[to->colormap], to->reversed ? "_r" : "");
    return fl_pack_text(pk, name);
}

static int pack_ref(msgpack_packer *pk, const struct fl_state *to)
{
    if (to->n_refs == 0)
        return msgpack_pack_nil(pk);
    return pack_numbers(pk, (const double[]){to->refs[0].x, to->refs[0].y}, 2);
}

static int pack_refs(msgpack_packer *pk, const struct fl_state *to)
{
    if (to->n_refs > FL_MAX_REFS || msgpack_pack_array(pk, to->n_refs))
        return -1;
    for (uint32_t i = 0; i < to->n_refs; i++) {
        const struct fl_point *ref = &to->refs[i];
        if (pack_numbers(pk, (const double[]){ref->x, ref->y, ref->sign}, 3))
            return -1;
    }
    return 0;
}

static int pack_stretch(msgpack_packer *pk, const struct fl_stretch *stretch)
{
    bool numbers = stretch->kind == FL_STRETCH_PERCENTILE || stretch->kind == FL_STRETCH_FIXED;
    if ((unsigned)stretch->kind >= FL_STRETCHES || msgpack_pack_array(pk, numbers ? 3 : 1) ||
        fl_pack_text(pk, fl_stretch_names[stretch->kind]))
        return -1;
    if (!numbers)
        return 0;
    return pack_number(pk, stretch->a) || pack_number(pk, stretch->b);
}

static bool is_one_point(const struct fl_state *to) // or none: what `ref` can say
{
    return to->n_refs == 0 || (to->n_refs == 1 && to->refs[0].sign > 0);
}

bool fl_field_is_said(const struct fl_field *field, const void *base)
{
    const struct fl_set *set = base; // for the fields that are about struct fl_set

    if (field->bit && !(set->has & field->bit))
        return false;
    if (field->kind == FL_FIELD_REGION)
        return set->to.has_region;
    if (field->kind == FL_FIELD_REF)
        return !set->to.has_region && is_one_point(&set->to);
    if (field->kind == FL_FIELD_REFS)
        return !set->to.has_region && !is_one_point(&set->to);
    if (field->has)
        return *((const bool *)base + field->has);
    return !field->optional || *((const char *)base + field->offset) != 0;
}

static int pack_value(const struct fl_field *field, const void *base, msgpack_packer *pk)
{
    const void *at = (const char *)base + field->offset;
    const struct fl_state *to = &((const struct fl_set *)base)->to;

    switch (field->kind) {
    case FL_FIELD_U32:
        return msgpack_pack_uint32(pk, *(const uint32_t *)at);
    case FL_FIELD_REAL:
        return pack_number(pk, *(const double *)at);
    case FL_FIELD_FLAG:
        return *(const bool *)at ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
    case FL_FIELD_TEXT:
        return fl_pack_text(pk, at);
    case FL_FIELD_NAME:
        return pack_name(pk, field, at);
    case FL_FIELD_POINT:
        return pack_numbers(pk, at, 2);
    case FL_FIELD_REF:
        return pack_ref(pk, to);
    case FL_FIELD_REFS:
        return pack_refs(pk, to);
    case FL_FIELD_REGION:
        return pack_numbers(pk, to->region, 4);
    case FL_FIELD_STRETCH:
        return pack_stretch(pk, &to->stretch);
    case FL_FIELD_WINDOW:
        return to->has_window ? pack_u32s(pk, to->window, 4) : msgpack_pack_nil(pk);
    case FL_FIELD_SIZE:
        return pack_u32s(pk, to->size, 2);
    case FL_FIELD_COLORMAP:
        return pack_colormap(pk, to);
    }
    return -1;
}

int fl_field_pack(const struct fl_field *field, const void *base, msgpack_packer *pk)
{
    return fl_pack_text(pk, field->key) || pack_value(field, base, pk);
}
