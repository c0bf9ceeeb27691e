#pragma once

#include "array.h"

// NumPy's .npy files, versions 1 to 3: a header, which is a Python dict, and the values behind it.

struct fl_npy_header {
    struct fl_array array;
    size_t data; // where the values begin
};

enum { FL_NPY_MOST_HEAD = 12 + 65536 }; // bytes: no header is longer

// Pure. `what` begins the sentences: the file's name. Checks everything but the length of the data.
// `bfloat16`: values of two raw bytes (V2) are that, else they are refused.
enum fl_err fl_npy_parse(const char *what, const void *bytes, size_t len, bool bfloat16,
                         struct fl_npy_header *out, struct fl_error *error) FL_CHECKED;

// A source over bytes that the caller keeps (or gives to out->mapping or out->owned).
enum fl_err fl_npy_read(const char *what, const void *bytes, size_t len,
                        const struct fl_layout_hint *hint, struct fl_map_source *out,
                        struct fl_error *error) FL_CHECKED;

// The same over a mapped file. Reads the header alone.
enum fl_err fl_npy_open(const char *path, const struct fl_layout_hint *hint,
                        struct fl_map_source *out, struct fl_error *error) FL_CHECKED;
