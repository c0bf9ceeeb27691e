#include "render.h"

#include <string.h>

bool fl_render_equal(const struct fl_render *a, const struct fl_render *b)
{
    const void *x = a, *y = b; // as bytes: both were zeroed before they were filled

    return memcmp(x, y, sizeof *a) == 0;
}

bool fl_render_is_distance(const struct fl_render *render)
{
    enum fl_metric m = render->metric;

    return render->mode == FL_MODE_SIMILARITY &&
           (m == FL_METRIC_ANGLE || m == FL_METRIC_L2 || m == FL_METRIC_L1 || m == FL_METRIC_LHALF);
}
