#pragma once

enum { FL_MEDIAN_MOST = 101 }; // values

// The middle one of 1 to FL_MEDIAN_MOST values, of an even number the upper. Any thread.
double fl_median(const double *values, int n); // they stay in their order
