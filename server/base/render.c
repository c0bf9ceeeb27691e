#include "render.h"

#include <float.h>
#include <math.h>
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

static float single(double value)
{
    return (float)fmin(fmax(value, -(double)FLT_MAX), (double)FLT_MAX);
}

void fl_render_fixed(const struct fl_stretch *stretch, float *lo, float *hi)
{
    // The smallest step whose half is no denormal, which a GPU takes for zero.
    const float step = 4 * FLT_MIN;
    double a = stretch->a, b = stretch->b;

    *lo = single(a);
    *hi = single(b);
    if (a >= b)
        return;
    if (*lo >= *hi) { // outwards, so that every value stays on its side
        if ((double)*lo > a || b > (double)FLT_MAX)
            *lo = nextafterf(*lo, -INFINITY);
        if ((double)*hi < b || a < -(double)FLT_MAX)
            *hi = nextafterf(*hi, INFINITY);
        *lo = single((double)*lo);
        *hi = single((double)*hi);
    }
    if (*hi - *lo < step)
        *hi = *lo + step;
}
