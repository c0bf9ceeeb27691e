#pragma once

#include "array.h"

// What a person says about a map file besides its name: in scene.json, behind a path on the command
// line, in a query, in the file's own metadata. All-zero: nothing. Pure.
struct fl_spec {
    enum fl_layout layout; // AUTO: not said
    uint64_t grid[2];      // rows and columns of tokens; 0, 0: not said
    uint64_t skip;         // tokens in front of them
    bool has_type;
    enum fl_dtype type;
    bool swap;
    bool raw;        // the file is values alone; then the shape and the type are said
    unsigned n_dims; // 0: the shape is not said
    uint64_t dims[FL_ARRAY_DIMS];
    uint64_t offset;   // bytes before the values of a raw file
    const char *array; // borrowed; of a file of several, NULL: all
};

// One key with its value as text:
//   layout  HWC, CHW, NLC ...   grid  52x80 or 52,80 (rows, columns)   skip    1
//   dtype   f4, >u2, bfloat16   shape 106x160x256 or 106,160,256       offset  512
// A key that is none of these is FL_ERR_UNKNOWN_TYPE, a bad value FL_ERR_RANGE; `what` begins the
// sentences.
enum fl_err fl_spec_set(struct fl_spec *spec, const char *what, const char *key, const char *value,
                        struct fl_error *error) FL_CHECKED;

// Whether what was said goes together.
enum fl_err fl_spec_check(const struct fl_spec *spec, const char *what,
                          struct fl_error *error) FL_CHECKED;

// A path of the command line may end in words about its file:
//   map.f32:raw,106x160x256,f4   tokens.npy:NLC,grid=52x80,skip=1   map.npy:bfloat16
// True where `path` is no file, and what stands before its last ':' is a regular one.
bool fl_spec_is_in(const char *path);
// The file that a path is about: what stands before such words, else all of it. The caller's to free.
char *fl_spec_file(const char *path);
// Then *file is that part, the caller's to free, and *out what the words say, checked.
enum fl_err fl_spec_split(const char *path, char **file, struct fl_spec *out,
                          struct fl_error *error) FL_CHECKED;

// What of it the layout needs; `otherwise`: where neither it nor the file says a layout.
struct fl_layout_hint fl_spec_hint(const struct fl_spec *spec, enum fl_layout otherwise,
                                   const double size[2]);
