#include "exact.h"

#include <math.h>
#include <stdbool.h>

// The angle between p - a and r - b in radians, Kahan's way: |u - v| and |u + v| of the unit
// vectors, exact near 0 and near pi alike. NaN without a direction.
static double angle_between(const float *p, const float *r, uint32_t d, double a, double b)
{
    double pp = 0, rr = 0, apart = 0, along = 0;

    for (uint32_t k = 0; k < d; k++) {
        double x = (double)p[k] - a, y = (double)r[k] - b;
        pp += x * x;
        rr += y * y;
    }
    // A norm that is no positive float32 is no direction (DESIGN ruling 20).
    float pn = (float)sqrt(pp), rn = (float)sqrt(rr);
    if (!(pn > 0 && isfinite(pn) && rn > 0 && isfinite(rn)))
        return (double)NAN;
    for (uint32_t k = 0; k < d; k++) {
        double u = ((double)p[k] - a) / sqrt(pp), v = ((double)r[k] - b) / sqrt(rr);
        apart += (u - v) * (u - v);
        along += (u + v) * (u + v);
    }
    return 2 * atan2(sqrt(apart), sqrt(along));
}

static double mean(const float *p, uint32_t d)
{
    double sum = 0;
    for (uint32_t k = 0; k < d; k++)
        sum += (double)p[k];
    return sum / d;
}

static double lengths(const float *p, const float *r, uint32_t d, enum fl_metric metric)
{
    double sum = 0;

    for (uint32_t k = 0; k < d; k++) {
        double x = (double)p[k], y = (double)r[k];
        if (metric == FL_METRIC_DOT)
            sum += x * y;
        else if (metric == FL_METRIC_L2)
            sum += (x - y) * (x - y);
        else if (metric == FL_METRIC_L1)
            sum += fabs(x - y);
        else
            sum += sqrt(fabs(x - y));
    }
    if (metric == FL_METRIC_L2)
        return sqrt(sum);
    return metric == FL_METRIC_LHALF ? sum * sum : sum;
}

static double similarity(const float *p, const float *r, uint32_t d, enum fl_metric metric,
                         double shift)
{
    bool centred = metric == FL_METRIC_PEARSON || metric == FL_METRIC_MSAM;
    double angle =
        angle_between(p, r, d, centred ? mean(p, d) : shift, centred ? mean(r, d) : shift);

    switch (metric) {
    case FL_METRIC_ANGULAR:
    case FL_METRIC_MSAM:
        return 1 - angle * M_2_PI;
    case FL_METRIC_COSINE:
    case FL_METRIC_PEARSON:
        return cos(angle);
    case FL_METRIC_ANGLE:
        return angle * 180 / M_PI;
    case FL_METRIC_DOT:
    case FL_METRIC_L2:
    case FL_METRIC_L1:
    case FL_METRIC_LHALF:
    case FL_METRICS:
        break;
    }
    return isnan(angle) ? (double)NAN : lengths(p, r, d, metric);
}

struct fl_exact fl_exact_compare(const float *p, const float *r, uint32_t d, enum fl_metric metric,
                                 double shift)
{
    double angle = angle_between(p, r, d, 0, 0), own = angle_between(p, p, d, 0, 0), sum = 0;

    for (uint32_t k = 0; k < d; k++)
        sum += (double)p[k] * (double)p[k];
    return (struct fl_exact){
        // A shift gives no direction to what has none.
        .s = isnan(angle) ? (double)NAN : similarity(p, r, d, metric, shift),
        .cosine = cos(angle),
        .angle = angle * 180 / M_PI,
        .norm = isnan(own) ? (double)NAN : sqrt(sum),
    };
}
