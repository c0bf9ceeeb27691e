#pragma once

#include <stddef.h>

// What one pass over a pixel's values finds, by the widest vectors that this processor has. Pure; any
// thread.
struct fl_sums {
    // Of (v - shift)^2: infinite or NaN if and only if a value is, since squares of finite float32 are
    // far inside double.
    double squares;
    float min, max; // of the values as they are; NaN counts for nothing, infinities do
};

struct fl_sums fl_sums_of(const float *values, size_t d, double shift);
double fl_sums_mean(const float *values, size_t d);
