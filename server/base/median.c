#include "median.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double fl_median(const double *values, int n)
{
    double sorted[FL_MEDIAN_MOST];

    assert(n >= 1 && n <= FL_MEDIAN_MOST);
    memcpy(sorted, values, (size_t)n * sizeof *values);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    return sorted[n / 2];
}
