#pragma once

#include "envi_header.h"
#include "picture.h"
#include "source.h"

// The bands of a cube that its header wants to be seen, as the scene's picture: a pixel for each
// cell, each band stretched by itself, cells without data black. Private to server/data.
//
// `all` is a source of all bands, in memory; its mapping is shared. NULL where there is nothing to
// show, or (said in the log) too much. `what` names it in sentences.
struct fl_picture *fl_envi_picture(const char *what, const struct fl_envi_header *header,
                                   const struct fl_map_source *all);
