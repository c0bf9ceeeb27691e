#pragma once

#include <stddef.h>

// The number at a rank of the sorted order, without sorting. Pure; any thread.

// Between the values of the ranks below and above, linearly; rank from 0 to n - 1, n at least 1. None
// is NaN. The values' order is lost.
float fl_soft_at_rank(float *values, size_t n, double rank);
