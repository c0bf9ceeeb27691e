#pragma once

#include "picture.h"
#include "source.h"

// IFeaLiD data sets (doi 10.3389/frai.2020.00049): a zip of
//   metadata.json  {"width", "height", "features", "precision": 8, 16 or 32, "name", "overlay"}
//   0.png, 1.png.. 8-bit RGBA; the four bytes of a pixel are 4 channels of 8 bits, 2 of 16 or
//                  1 of 32, least significant byte first. The last one is padded with zeros.
//   overlay.jpg    the input picture, if "overlay" is true
// A value is level / (2^precision - 1): the range it was scaled from is not stored.

// Reads metadata.json and the head of every tile. *picture: the overlay, a new reference, or NULL.
enum fl_err fl_ifealid_open(const char *path, struct fl_map_source *out,
                            struct fl_picture **picture, struct fl_error *error) FL_CHECKED;

// The same of a zip in memory, which must outlive *out. `what` names it in sentences.
enum fl_err fl_ifealid_read(const char *what, const void *bytes, size_t len,
                            struct fl_map_source *out, struct fl_picture **picture,
                            struct fl_error *error) FL_CHECKED;
