#pragma once

#include "picture.h"
#include "source.h"

// A feature map of any photograph, made without a network: 128 channels of colour and texture on
// a grid of ceil(w / 4) x ceil(h / 4) cells that divide the whole picture evenly (4 x 4 pixels a
// cell where its sides are multiples of 4), so the map's extent is the picture's.
//
// Channel 32 l + f is filter f (filters.h) on pyramid level l; channel 32 l + 16 + f the same
// smoothed over a wide surrounding (a Gaussian of 4 cells). Each channel has mean 0 and standard
// deviation 1 over the picture; one that is the same everywhere is 0. The numbers do not depend
// on how many processors compute them.
enum { FL_FILTER_BANK_CHANNELS = 128, FL_FILTER_BANK_CELL = 4 };

// Cheap: the source keeps a reference of the picture; its decode loads the picture, if need be,
// and computes the map on all cores. `progress` (or NULL) is called on the thread that decodes.
enum fl_err fl_filter_bank_source(struct fl_picture *picture, struct fl_map_source *out,
                                  void (*progress)(void *user, const char *what, unsigned percent),
                                  void *user, struct fl_error *error) FL_CHECKED;
