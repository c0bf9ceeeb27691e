#include "colormap.h"

#include <assert.h>

static const uint8_t rows[FL_COLORMAPS][256 * 3] = {
#include "colormap_rows.h"
};

const uint8_t *fl_colormap_rgb(enum fl_colormap map)
{
    assert(map < FL_COLORMAPS);
    return rows[map];
}
