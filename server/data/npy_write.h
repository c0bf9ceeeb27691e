#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_new_file;

// NumPy's .npy, written: version 1.0, little-endian float32 in C order.
enum { FL_NPY_HEAD = 128 }; // bytes of every header: the values begin at a multiple of 64

// The header of an array of n = 1 to 3 sides; `out` gets a terminator behind it. Pure. Its length.
size_t fl_npy_head(const int32_t *shape, int n, char out[FL_NPY_HEAD + 1]);

// An array of h rows, w columns, d channels. Does not end the file.
enum fl_err fl_npy_write(struct fl_new_file *file, const int32_t shape[3], const float *values,
                         struct fl_error *error) FL_CHECKED;

// The same as a file of its own: complete, or nothing is left of it. Without `replace` what is there stays.
enum fl_err fl_npy_save(const char *path, bool replace, const int32_t shape[3], const float *values,
                        struct fl_error *error) FL_CHECKED;
