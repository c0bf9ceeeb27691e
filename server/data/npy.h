#pragma once

#include "layout.h"
#include "source.h"

// NumPy's .npy files, versions 1 to 3: a header, which is a Python dict, and the values behind it.

enum { FL_NPY_DIMS = 32 }; // as many as NumPy has

struct fl_npy_header {
    enum fl_dtype type;
    bool swap; // not this machine's byte order
    bool fortran;
    unsigned n_dims;
    uint64_t dims[FL_NPY_DIMS];
    size_t data; // where the values begin
};

// Pure. `what` begins the sentences: the file's name. Checks everything but the length of the data.
enum fl_err fl_npy_parse(const char *what, const void *bytes, size_t len, struct fl_npy_header *out,
                         struct fl_error *error) FL_CHECKED;

// A source over bytes that the caller keeps (or gives to out->mapping or out->owned).
enum fl_err fl_npy_read(const char *what, const void *bytes, size_t len,
                        const struct fl_layout_hint *hint, struct fl_map_source *out,
                        struct fl_error *error) FL_CHECKED;

// The same over a mapped file. Reads the header alone.
enum fl_err fl_npy_open(const char *path, const struct fl_layout_hint *hint,
                        struct fl_map_source *out, struct fl_error *error) FL_CHECKED;
