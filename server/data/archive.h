#pragma once

#include "array.h"
#include "file_bytes.h"
#include "layers.h"
#include "spec.h"

// Files of several named arrays (.npz, .safetensors): which of them are layers, which one is the
// picture, which are none of our business. Private to server/data.

struct fl_archive_array {
    char *name; // owned
    struct fl_array array;
    struct fl_error fault; // why it cannot be read; all-zero: it can
    size_t data;           // where its values begin: in the file, or in what the entry unpacks to
    uint64_t entry;        // packed: the reader's number of it
    size_t len;            // packed: the bytes it unpacks to
    struct fl_layout_hint said; // by the file itself: layout, grid, skip
    bool has_extent;
    double extent[4];
};

struct fl_archive {
    struct fl_file_bytes file;       // every source shares its mapping
    struct fl_archive_array *arrays; // owned; n of them, in the order of the layers
    size_t n;
    char *picture; // owned: the name of the picture's array; NULL: "image"
    // Makes the source of a packed array; NULL: all arrays lie in `bytes`.
    void (*pack)(const struct fl_archive *archive, const struct fl_archive_array *array,
                 struct fl_map_source *source);
};

enum { FL_ARCHIVE_LAYERS = 1024 }; // most layers of one file

// What the file shows under `spec` and `hint`. An array that no map can be of is passed over; one that
// cannot be read is said in the log and passed over where another one can, else it is the error.
enum fl_err fl_archive_layers(const struct fl_archive *archive, const struct fl_spec *spec,
                              const struct fl_layout_hint *hint, struct fl_layers *out,
                              struct fl_error *error) FL_CHECKED;

// Refuses two arrays of one name. Sorts nothing.
enum fl_err fl_archive_check_names(const struct fl_archive *archive,
                                   struct fl_error *error) FL_CHECKED;
void fl_archive_finish(struct fl_archive *archive); // zeroed is fine
