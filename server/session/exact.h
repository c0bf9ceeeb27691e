#pragma once

#include "proto/state.h"

#include <stdint.h>

// The numbers beside the picture, in float64 from two vectors. Pure.
struct fl_exact {
    double s;      // by the metric asked for, in its natural unit
    double cosine; // of the values as they are
    double angle;  // degrees
    double norm;   // of p
};

// All NaN where p has no direction; s, cosine and angle where r has none.
// `shift` is the map's minimum for origin "min", else 0.
struct fl_exact fl_exact_compare(const float *p, const float *r, uint32_t d, enum fl_metric metric,
                                 double shift);
