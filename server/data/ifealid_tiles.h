#pragma once

#include "ifealid_meta.h"
#include "zip_read.h"

// The tiles 0.png, 1.png.. of an IFeaLiD data set, and how they become float32 values.
struct fl_ifealid_tiles;

// Looks at every tile's entry and first bytes. Takes the zip when it succeeds.
enum fl_err fl_ifealid_tiles_open(struct fl_zip *zip, const struct fl_ifealid_meta *meta,
                                  struct fl_ifealid_tiles **out, struct fl_error *error) FL_CHECKED;

// The finish and decode of a struct fl_map_source, whose user is the tiles. The first closes the
// zip too; the second decodes the PNGs on all cores.
void fl_ifealid_tiles_close(void *user);
enum fl_err fl_ifealid_tiles_decode(void *user, float **out, const struct fl_progress *progress,
                                    struct fl_error *error) FL_CHECKED;
