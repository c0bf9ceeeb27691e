#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The number types of files and their way to float32: exact where float32 can hold the value
// (b1, u1, i1, u2, i2, f2, bf16, f4), else rounded to nearest even (u4, i4, u8, i8, f8). Pure: any thread.
enum fl_dtype {
    FL_F4,
    FL_F2,
    FL_F8,
    FL_B1,
    FL_U1,
    FL_I1,
    FL_U2,
    FL_I2,
    FL_U4,
    FL_I4,
    FL_U8,
    FL_I8,
    FL_BF16, // the upper half of a float32
    FL_DTYPES
};

size_t fl_dtype_size(enum fl_dtype type);      // bytes of one value
const char *fl_dtype_name(enum fl_dtype type); // "f4", "u1", ...

// n values, `step` elements apart from `in` on (which need not be aligned), into out[0 .. n - 1].
// `swap`: the bytes of each lie the other way round than this machine's.
void fl_dtype_read(enum fl_dtype type, bool swap, const void *in, ptrdiff_t step, size_t n,
                   float *out);

// "f4", "<f4", ">u2", "float32", "bfloat16", "bf16": as NumPy and torch call them, little-endian
// where they do not say.
bool fl_dtype_parse(const char *text, enum fl_dtype *type, bool *swap);

// Whether the value at `at`, which fl_dtype_read made `narrow`, is `value`: in float32 for
// floating-point types inside its range, else as it is.
bool fl_dtype_is(enum fl_dtype type, bool swap, const void *at, float narrow, double value);

float fl_half_float(uint16_t bits); // IEEE binary16, subnormals, infinities and NaN included
