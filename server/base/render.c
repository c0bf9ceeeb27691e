#include "render.h"

#include <string.h>

bool fl_render_equal(const struct fl_render *a, const struct fl_render *b)
{
    const void *x = a, *y = b; // as bytes: both were zeroed before they were filled

    return memcmp(x, y, sizeof *a) == 0;
}
