#pragma once

#include <stdlib.h>
#include <string.h>

enum { MEDIAN_MOST = 101 }; // values

static inline int median_by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static inline double median(const double *values, int n)
{
    double sorted[MEDIAN_MOST];

    memcpy(sorted, values, (size_t)n * sizeof *values);
    qsort(sorted, (size_t)n, sizeof *sorted, median_by_value);
    return sorted[n / 2];
}
