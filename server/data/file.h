#pragma once

#include "layers.h"
#include "spec.h"

// What files are, by their names, and how they are opened. Private to server/data.

// "conv4" of "dir/conv4.npy": the base name without its extension, if that is one we know.
char *fl_file_name(const char *path);

enum fl_file_kind {
    FL_FILE_NPY,
    FL_FILE_ZIP,
    FL_FILE_NPZ,
    FL_FILE_SAFETENSORS,
    FL_FILE_ENVI, // header or values
    FL_FILE_PICTURE,
    FL_FILE_FOREIGN,
    FL_FILE_OTHER
};
enum fl_file_kind fl_file_kind_of(const char *path);

// Whether a file in a folder is a map of its own: ENVI's values beside their header are not.
bool fl_file_is_map(const char *path);
// Whether it is there only for another one that is: such values.
bool fl_file_is_part(const char *path);

// A format that other programs write and this one does not read: says what to do instead.
enum fl_err fl_file_refuse_foreign(const char *path, struct fl_error *error) FL_CHECKED;

// The maps of one file, at least one or the picture.
enum fl_err fl_file_open(const char *path, const struct fl_spec *spec,
                         const struct fl_layout_hint *hint, struct fl_layers *out,
                         struct fl_error *error) FL_CHECKED;
