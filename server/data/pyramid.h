#pragma once

#include "plane.h"

// A picture as seen from further and further away: colours that come near to what an eye tells
// apart, at full size and at three halvings. Pixel i of level l covers pixels i * 2^l to
// (i + 1) * 2^l of the picture.
enum { FL_PYRAMID_LEVELS = 4 };

enum fl_colour_plane {
    FL_LUMA,        // cube root of the luminance, 0 to 1
    FL_RED_GREEN,   // differences of cube roots, about -1 to 1
    FL_YELLOW_BLUE, // likewise
    FL_COLOUR_PLANES
};

struct fl_pyramid {
    struct fl_plane planes[FL_PYRAMID_LEVELS][FL_COLOUR_PLANES];
};

// w * h pixels of sRGB bytes; made on all cores. False without memory.
bool fl_pyramid_init(struct fl_pyramid *pyramid, const uint8_t *rgb, int32_t w, int32_t h);
void fl_pyramid_finish(struct fl_pyramid *pyramid); // zeroed is fine
