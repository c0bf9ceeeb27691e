#pragma once

#include "map.h"

#include "server/base/render.h"

#include <stdbool.h>

// What a metric means for those that compute it. Pure.

// What is summed over the channels (FORM of similarity.frag).
enum fl_form { FL_FORM_CHORD, FL_FORM_DOT, FL_FORM_L2, FL_FORM_L1, FL_FORM_LHALF, FL_FORMS };

// What is made of a chord (`curve` of curve.frag).
enum fl_curve { FL_CURVE_ANGULAR, FL_CURVE_COSINE, FL_CURVE_ANGLE, FL_CURVE_NONE };

enum fl_form fl_metric_form(enum fl_metric metric);
enum fl_curve fl_metric_curve(enum fl_metric metric); // NONE: no angle
bool fl_metric_is_distance(enum fl_metric metric);    // small is near
enum fl_norms fl_metric_norms(enum fl_metric metric, enum fl_origin origin);

// A power of two, so that no digit changes, that brings values whose absolutes reach to `largest` to
// about 1: no square of them leaves float32 then. 1 for everything ordinary.
float fl_metric_scale(float largest);

// Of a whole render: channels and norms compare nothing.
enum fl_norms fl_metric_norms_of(const struct fl_render *render);
bool fl_metric_is_chord(const struct fl_render *render); // a similarity by angles
