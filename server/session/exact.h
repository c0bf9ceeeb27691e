#pragma once

#include "server/data/references.h"

// The numbers beside the picture, in float64. Pure.
struct fl_exact {
    double s;      // by the metric asked for, in its natural unit: with all references together
    double cosine; // of the values as they are, with the reference that is nearest
    double angle;  // degrees
    double norm;   // of p
};

struct fl_exact_task {
    const float *p; // the vector compared, d values
    uint32_t d;
    enum fl_metric metric;
    enum fl_origin origin;
    double min; // of p's map, for origin "min"
    // Those of the metric, and the same for cosines of the values as they are; NULL: none.
    const struct fl_references *references, *plain;
    double *room; // 2 * d
};

// All NaN where p has no direction; s, cosine and angle where no reference has one; cosine and angle
// where all references are negative.
struct fl_exact fl_exact_compare(const struct fl_exact_task *task);
