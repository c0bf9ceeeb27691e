#pragma once

#include "state.h"

#include <stdint.h>

// The colours of the maps in enum fl_colormap, made from proto/colormaps.json, which the page
// reads too. Constant data: any thread.

// 256 entries of three bytes: R, G, B of level 0 (lowest) to 255. Never NULL for a map of the enum.
const uint8_t *fl_colormap_rgb(enum fl_colormap map);
