#pragma once

#include "file_bytes.h"
#include "spec.h"

// A file of values alone: everything about it is said (fl_spec.raw).

// A source over the bytes, whose mapping is not shared. Bytes beyond the values are refused as well as
// missing ones: a wrong shape is the commonest mistake.
enum fl_err fl_raw_read(const struct fl_file_bytes *file, const struct fl_spec *spec,
                        const struct fl_layout_hint *hint, struct fl_map_source *out,
                        struct fl_error *error) FL_CHECKED;
