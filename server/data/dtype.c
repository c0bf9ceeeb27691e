#include "dtype.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { BLOCK = 256 }; // values converted at once: 2 KiB, well inside the first cache

// Values as they came, in this machine's byte order.
union raw {
    uint8_t u1[BLOCK];
    int8_t i1[BLOCK];
    uint16_t u2[BLOCK];
    int16_t i2[BLOCK];
    uint32_t u4[BLOCK];
    int32_t i4[BLOCK];
    uint64_t u8[BLOCK];
    int64_t i8[BLOCK];
    float f4[BLOCK];
    double f8[BLOCK];
};

static const struct {
    const char *name;
    size_t size;
} types[FL_DTYPES] = {
    [FL_F4] = {"f4", 4},     [FL_F2] = {"f2", 2}, [FL_F8] = {"f8", 8}, [FL_B1] = {"b1", 1},
    [FL_U1] = {"u1", 1},     [FL_I1] = {"i1", 1}, [FL_U2] = {"u2", 2}, [FL_I2] = {"i2", 2},
    [FL_U4] = {"u4", 4},     [FL_I4] = {"i4", 4}, [FL_U8] = {"u8", 8}, [FL_I8] = {"i8", 8},
    [FL_BF16] = {"bf16", 2},
};

size_t fl_dtype_size(enum fl_dtype type)
{
    return types[type].size;
}

const char *fl_dtype_name(enum fl_dtype type)
{
    return types[type].name;
}

float fl_half_float(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000u) << 16, rest = bits & 0x7fffu, wide = 0;
    float value = 0;

    if (rest < 0x400) { // subnormal: a multiple of 2^-24, which is normal in float32
        value = (float)rest * 0x1p-24f;
        memcpy(&wide, &value, sizeof wide);
    } else {
        wide = (rest << 13) + (112u << 23); // the exponent's bias: 127 - 15
        if (rest >= 0x7c00)                 // infinity and NaN: all ones
            wide += 112u << 23;
    }
    wide |= sign;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static float bfloat_float(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value = 0;

    memcpy(&value, &wide, sizeof value);
    return value;
}

static void swap_all(union raw *raw, size_t size, size_t n)
{
    if (size == 2)
        for (size_t i = 0; i < n; i++)
            raw->u2[i] = __builtin_bswap16(raw->u2[i]);
    if (size == 4)
        for (size_t i = 0; i < n; i++)
            raw->u4[i] = __builtin_bswap32(raw->u4[i]);
    if (size == 8)
        for (size_t i = 0; i < n; i++)
            raw->u8[i] = __builtin_bswap64(raw->u8[i]);
}

// The sizes are constants in each loop, so that memcpy is one load.
static void gather(union raw *raw, size_t size, const uint8_t *in, ptrdiff_t step, size_t n)
{
    if (step == 1) {
        memcpy(raw, in, n * size);
        return;
    }
    step *= (ptrdiff_t)size;
    if (size == 1)
        for (size_t i = 0; i < n; i++, in += step)
            raw->u1[i] = *in;
    else if (size == 2)
        for (size_t i = 0; i < n; i++, in += step)
            memcpy(&raw->u2[i], in, 2);
    else if (size == 4)
        for (size_t i = 0; i < n; i++, in += step)
            memcpy(&raw->u4[i], in, 4);
    else
        for (size_t i = 0; i < n; i++, in += step)
            memcpy(&raw->u8[i], in, 8);
}

static void convert_whole(enum fl_dtype type, const union raw *raw, size_t n, float *out)
{
    if (type == FL_B1)
        for (size_t i = 0; i < n; i++)
            out[i] = raw->u1[i] ? 1.0f : 0.0f;
    if (type == FL_U1)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->u1[i];
    if (type == FL_I1)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->i1[i];
    if (type == FL_U2)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->u2[i];
    if (type == FL_I2)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->i2[i];
    if (type == FL_U4)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->u4[i];
    if (type == FL_I4)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->i4[i];
    if (type == FL_U8)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->u8[i];
    if (type == FL_I8)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->i8[i];
}

static void convert(enum fl_dtype type, const union raw *raw, size_t n, float *out)
{
    if (type == FL_F4)
        memcpy(out, raw->f4, n * sizeof *out);
    else if (type == FL_F2)
        for (size_t i = 0; i < n; i++)
            out[i] = fl_half_float(raw->u2[i]);
    else if (type == FL_BF16)
        for (size_t i = 0; i < n; i++)
            out[i] = bfloat_float(raw->u2[i]);
    else if (type == FL_F8)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)raw->f8[i];
    else
        convert_whole(type, raw, n, out);
}

void fl_dtype_read(enum fl_dtype type, bool swap, const void *in, ptrdiff_t step, size_t n,
                   float *out)
{
    const uint8_t *at = in;
    size_t size = types[type].size;
    union raw raw;

    if (type == FL_F4 && step == 1 && !swap) {
        memcpy(out, in, n * sizeof *out);
        return;
    }
    for (size_t done = 0; done < n; done += BLOCK) {
        size_t part = n - done < BLOCK ? n - done : BLOCK;
        gather(&raw, size, at + (ptrdiff_t)done * step * (ptrdiff_t)size, step, part);
        if (swap)
            swap_all(&raw, size, part);
        convert(type, &raw, part, out + done);
    }
}

bool fl_dtype_parse(const char *text, enum fl_dtype *type, bool *swap)
{
    static const struct {
        const char *name;
        enum fl_dtype type;
    } names[] = {
        {"float32", FL_F4}, {"float16", FL_F2}, {"half", FL_F2},  {"float64", FL_F8},
        {"bool", FL_B1},    {"uint8", FL_U1},   {"int8", FL_I1},  {"uint16", FL_U2},
        {"int16", FL_I2},   {"uint32", FL_U4},  {"int32", FL_I4}, {"uint64", FL_U8},
        {"int64", FL_I8},   {"double", FL_F8},  {"float", FL_F4}, {"bfloat16", FL_BF16},
    };
    bool is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, wants_big = text[0] == '>';
    const char *name = text + (wants_big || text[0] == '<' ? 1 : 0);

    *type = FL_DTYPES;
    for (enum fl_dtype k = 0; k < FL_DTYPES; k++)
        if (strcasecmp(name, types[k].name) == 0)
            *type = k;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i].name) == 0)
            *type = names[i].type;
    if (*type == FL_DTYPES)
        return false;
    *swap = types[*type].size > 1 && wants_big != is_big;
    return true;
}

// What float32 cannot tell apart, as it is.
static double wide_value(enum fl_dtype type, bool swap, const void *at)
{
    union raw raw;

    gather(&raw, types[type].size, at, 1, 1);
    if (swap)
        swap_all(&raw, types[type].size, 1);
    if (type == FL_U4)
        return (double)raw.u4[0];
    if (type == FL_I4)
        return (double)raw.i4[0];
    if (type == FL_U8)
        return (double)raw.u8[0];
    if (type == FL_I8)
        return (double)raw.i8[0];
    return raw.f8[0];
}

bool fl_dtype_is(enum fl_dtype type, bool swap, const void *at, float narrow, double value)
{
    if (narrow != (float)value)
        return false;
    // float64 is written with fewer digits than it has, but beyond float32 all are infinite.
    bool wide = type == FL_U4 || type == FL_I4 || type == FL_U8 || type == FL_I8 ||
                (type == FL_F8 && isinf(narrow));
    return !wide || wide_value(type, swap, at) == value;
}
