#pragma once

#include "ifealid_meta.h"
#include "zip_read.h"

// The tiles 0.png, 1.png.. of an IFeaLiD data set, and how they become float32 values.
struct fl_ifealid_tiles;

// Looks at every tile's entry and first bytes. Takes the zip when it succeeds.
enum fl_err fl_ifealid_tiles_open(struct fl_zip *zip, const struct fl_ifealid_meta *meta,
                                  struct fl_ifealid_tiles **out, struct fl_error *error) FL_CHECKED;
void fl_ifealid_tiles_close(void *tiles); // and the zip

// As struct fl_map_source's decode; `tiles` is the user. PNGs are decoded on all cores.
enum fl_err fl_ifealid_tiles_decode(void *tiles, float **out, struct fl_error *error);
