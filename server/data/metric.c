#include "metric.h"

#include <math.h>

static const struct {
    enum fl_form form;
    enum fl_curve curve;
    bool distance, centred;
} meanings[FL_METRICS] = {
    [FL_METRIC_ANGULAR] = {FL_FORM_CHORD, FL_CURVE_ANGULAR, false, false},
    [FL_METRIC_COSINE] = {FL_FORM_CHORD, FL_CURVE_COSINE, false, false},
    [FL_METRIC_ANGLE] = {FL_FORM_CHORD, FL_CURVE_ANGLE, true, false},
    [FL_METRIC_DOT] = {FL_FORM_DOT, FL_CURVE_NONE, false, false},
    [FL_METRIC_L2] = {FL_FORM_L2, FL_CURVE_NONE, true, false},
    [FL_METRIC_L1] = {FL_FORM_L1, FL_CURVE_NONE, true, false},
    [FL_METRIC_LHALF] = {FL_FORM_LHALF, FL_CURVE_NONE, true, false},
    [FL_METRIC_PEARSON] = {FL_FORM_CHORD, FL_CURVE_COSINE, false, true},
    [FL_METRIC_MSAM] = {FL_FORM_CHORD, FL_CURVE_ANGULAR, false, true},
};

enum fl_form fl_metric_form(enum fl_metric metric)
{
    return meanings[metric].form;
}

enum fl_curve fl_metric_curve(enum fl_metric metric)
{
    return meanings[metric].curve;
}

bool fl_metric_is_distance(enum fl_metric metric)
{
    return meanings[metric].distance;
}

// Dot products and distances take the values as they are; their norms only tell which cells are
// valid, and that follows the origin like everywhere else.
enum fl_norms fl_metric_norms(enum fl_metric metric, enum fl_origin origin)
{
    if (meanings[metric].centred)
        return FL_NORMS_CENTRED;
    return origin == FL_ORIGIN_MIN ? FL_NORMS_MIN : FL_NORMS_ZERO;
}

float fl_metric_scale(float largest)
{
    if (!(largest > 0) || (largest > 1e-12F && largest < 1e12F))
        return 1;
    int exponent = ilogbf(largest);
    return ldexpf(1, exponent > 120 ? -120 : exponent < -120 ? 120 : -exponent);
}

enum fl_norms fl_metric_norms_of(const struct fl_render *render)
{
    if (render->mode != FL_MODE_SIMILARITY)
        return FL_NORMS_ZERO;
    return fl_metric_norms(render->metric, render->origin);
}

bool fl_metric_is_chord(const struct fl_render *render)
{
    return render->mode == FL_MODE_SIMILARITY && fl_metric_form(render->metric) == FL_FORM_CHORD;
}
