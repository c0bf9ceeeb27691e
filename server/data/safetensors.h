#pragma once

#include "file_bytes.h"
#include "layers.h"
#include "spec.h"

// Safetensors files: 8 bytes that tell the length of a JSON header, the header, the values of all
// tensors, one behind the other without a gap. F32 F16 BF16 F64, U8 I8 to U64 I64 and BOOL are read.
// Each tensor of a map's axes is a layer, in natural order of the names; `image` is the picture
// (array_picture.h). The header's "__metadata__" may say, as texts:
//   farlook.image            the name of the picture's tensor, where it is not "image"
//   farlook.layout, .grid, .skip, .extent            for all tensors: "CHW", "52x80", "1",
//                                                    "0,0,640,427" (picture pixels)
//   farlook.layout.NAME, .grid.NAME, .skip.NAME, .extent.NAME       for one

// Reads the header; the values stay where they are. Each source shares file->mapping.
enum fl_err fl_safetensors_read(const struct fl_file_bytes *file, const struct fl_spec *spec,
                                const struct fl_layout_hint *hint, struct fl_layers *out,
                                struct fl_error *error) FL_CHECKED;
