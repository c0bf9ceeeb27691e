#pragma once

#include "file_bytes.h"
#include "layers.h"
#include "spec.h"

// NumPy's .npz archives: a zip of .npy files, stored or deflated. Each array of a map's axes is a
// layer, in the order of the zip's directory; `image` is the picture (array_picture.h).

// Reads the heads of all arrays; their values are unpacked, and checked, when a map is loaded. Each
// source shares file->mapping.
enum fl_err fl_npz_read(const struct fl_file_bytes *file, const struct fl_spec *spec,
                        const struct fl_layout_hint *hint, struct fl_layers *out,
                        struct fl_error *error) FL_CHECKED;
