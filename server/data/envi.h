#pragma once

#include "file_bytes.h"
#include "layers.h"
#include "spec.h"

// ENVI image cubes: NAME.hdr, a text, and beside it the values: NAME, or NAME with one of .img .dat
// .raw .bsq .bil .bip. The bands are the channels, less those that the header's bbl calls bad;
// their wavelengths become the map's axis; cells with the data ignore value are invalid.

// A cube of a header and the values' bytes; values->mapping is shared. *picture: the bands that the
// header wants to be seen (envi_picture.h), a new reference, or NULL.
// Mapped, unless bad bands lie between good ones: then the good ones are gathered when it is loaded.
enum fl_err fl_envi_read(const struct fl_file_bytes *text, const struct fl_file_bytes *values,
                         struct fl_map_source *out, struct fl_picture **picture,
                         struct fl_error *error) FL_CHECKED;

// `path` is the header or the values: the other one is found beside it.
enum fl_err fl_envi_open(const char *path, struct fl_map_source *out, struct fl_picture **picture,
                         struct fl_error *error) FL_CHECKED;

bool fl_envi_is_header(const char *path); // by its name
// The header beside a file of values, whose name is the caller's to free; NULL where there is none.
char *fl_envi_header_of(const char *path);
