#pragma once

#include "map.h"

// One vector's direction, in float64. Pure.

// One over the root of a sum of squares; 0 where that, or the root, is no finite positive float32: then
// there is no direction, and the cell is invalid.
float fl_direction_inverse(double squares);

// The unit vector of v (d values) less what these norms take from it, into `out`; `min`: what
// FL_NORMS_MIN takes. False: it has no direction, or had none before.
bool fl_direction_of(const float *v, size_t d, enum fl_norms norms, double min, double *out);
