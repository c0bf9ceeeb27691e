#include "field.h"

#include <math.h>
#include <string.h>

// Enums are stored through unsigned int, which is what both compilers make of them.
_Static_assert(sizeof(enum fl_mode) == sizeof(unsigned), "enums have the size of unsigned");
_Static_assert(FL_MAX_REFS == 16, "fl_field_range says 16");

static bool is_whole(double number, uint32_t max)
{
    return number >= 0 && number <= max && number == floor(number);
}

static bool put_u32s(const struct fl_value *value, uint32_t n, uint32_t max, void *at)
{
    if (value->n != n)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_whole(value->numbers[i], max))
            return false;
        uint32_t whole = (uint32_t)value->numbers[i];
        memcpy((char *)at + i * sizeof whole, &whole, sizeof whole);
    }
    return true;
}

static bool put_real(const struct fl_value *value, uint32_t max, void *at)
{
    memcpy(at, &value->numbers[0], sizeof(double));
    return value->numbers[0] >= 0 && value->numbers[0] <= max;
}

static bool put_text(const struct fl_value *value, uint32_t size, char *at)
{
    size_t len = strlen(value->text);
    if (len >= size)
        return false;
    memset(at, 0, size); // a longer one may have come before
    memcpy(at, value->text, len);
    return true;
}

// `len` bytes of `text`, which need no terminator, are the whole of a name.
static bool put_name(const struct fl_field *field, const char *text, size_t len, void *at)
{
    for (unsigned i = 0; i < field->max; i++)
        if (strlen(field->names[i]) == len && memcmp(field->names[i], text, len) == 0) {
            memcpy(at, &i, sizeof i);
            return true;
        }
    return false;
}

static bool put_colormap(const struct fl_field *field, const char *text, struct fl_state *to)
{
    size_t len = strlen(text);
    to->reversed = len > 2 && strcmp(text + len - 2, "_r") == 0;
    return put_name(field, text, to->reversed ? len - 2 : len, &to->colormap);
}

// Of ref, refs and region the last one counts.
static void forget_reference(struct fl_state *to)
{
    memset(to->refs, 0, sizeof to->refs);
    to->n_refs = 0;
    to->has_region = false;
    memset(to->region, 0, sizeof to->region);
}

static bool put_ref(const struct fl_value *value, struct fl_state *to)
{
    forget_reference(to);
    if (value->null)
        return true;
    if (value->n != 2)
        return false;
    to->refs[0].x = value->numbers[0];
    to->refs[0].y = value->numbers[1];
    to->refs[0].sign = 1;
    to->n_refs = 1;
    return true;
}

static bool put_refs(const struct fl_value *value, struct fl_state *to)
{
    forget_reference(to);
    if (value->n == 0 || value->n % 3 != 0)
        return false;
    for (uint32_t i = 0; i < value->n / 3; i++) {
        const double *triple = value->numbers + (size_t)3 * i;
        if (fabs(triple[2]) != 1)
            return false;
        to->refs[i].x = triple[0];
        to->refs[i].y = triple[1];
        to->refs[i].sign = (int)triple[2];
    }
    to->n_refs = value->n / 3;
    return true;
}

static bool put_region(const struct fl_value *value, struct fl_state *to)
{
    forget_reference(to);
    if (value->n != 4 || value->numbers[0] > value->numbers[2] ||
        value->numbers[1] > value->numbers[3])
        return false;
    memcpy(to->region, value->numbers, sizeof to->region);
    to->has_region = true;
    return true;
}

static bool put_stretch(const struct fl_value *value, struct fl_state *to)
{
    struct fl_stretch *stretch = &to->stretch;
    double a = value->n > 0 ? value->numbers[0] : 0, b = value->n > 1 ? value->numbers[1] : 0;

    stretch->a = a;
    stretch->b = b;
    for (unsigned kind = 0; kind < FL_STRETCHES; kind++) {
        if (strcmp(value->text, fl_stretch_names[kind]) != 0)
            continue;
        stretch->kind = (enum fl_stretch_kind)kind;
        if (kind == FL_STRETCH_MINMAX || kind == FL_STRETCH_AROUND)
            return value->n == 0;
        if (kind == FL_STRETCH_PERCENTILE)
            return value->n == 2 && a >= 0 && a < b && b <= 100;
        return value->n == 2 && a <= b;
    }
    return false;
}

static bool put_window(const struct fl_field *field, const struct fl_value *value,
                       struct fl_state *to)
{
    uint32_t *at = to->window;
    to->has_window = !value->null;
    if (value->null) {
        memset(to->window, 0, sizeof to->window);
        return true;
    }
    return put_u32s(value, 4, field->max, at) && at[0] < at[2] && at[1] < at[3];
}

static bool put_size(const struct fl_field *field, const struct fl_value *value,
                     struct fl_state *to)
{
    if (value->null) {
        memset(to->size, 0, sizeof to->size);
        return true;
    }
    return put_u32s(value, 2, field->max, to->size);
}

static bool put_point(const struct fl_value *value, void *at)
{
    if (value->n != 2)
        return false;
    memcpy(at, value->numbers, 2 * sizeof *value->numbers);
    return true;
}

static bool put(const struct fl_field *field, const struct fl_value *value, void *base)
{
    void *at = (char *)base + field->offset;
    struct fl_set *set = base; // for the fields that are about struct fl_set

    switch (field->kind) {
    case FL_FIELD_U32:
        return put_u32s(value, 1, field->max, at);
    case FL_FIELD_REAL:
        return put_real(value, field->max, at);
    case FL_FIELD_FLAG:
        *(bool *)at = value->flag;
        return true;
    case FL_FIELD_TEXT:
        return put_text(value, field->max, at);
    case FL_FIELD_NAME:
        return put_name(field, value->text, strlen(value->text), at);
    case FL_FIELD_POINT:
        return put_point(value, at);
    case FL_FIELD_REF:
        return put_ref(value, &set->to);
    case FL_FIELD_REFS:
        return put_refs(value, &set->to);
    case FL_FIELD_REGION:
        return put_region(value, &set->to);
    case FL_FIELD_STRETCH:
        return put_stretch(value, &set->to);
    case FL_FIELD_WINDOW:
        return put_window(field, value, &set->to);
    case FL_FIELD_SIZE:
        return put_size(field, value, &set->to);
    case FL_FIELD_COLORMAP:
        return put_colormap(field, value->text, &set->to);
    }
    return false;
}

bool fl_field_put(const struct fl_field *field, const struct fl_value *value, void *base)
{
    if (value->misfit || !put(field, value, base))
        return false;
    if (field->has)
        *(bool *)((char *)base + field->has) = true;
    if (field->bit)
        ((struct fl_set *)base)->has |= field->bit;
    return true;
}
