#include "soft_rank.h"

#include <stdint.h>

static void swap(float *a, float *b)
{
    float kept = *a;

    *a = *b;
    *b = kept;
}

// Moves values until those up to the returned place are at most as large as the ones behind it, both
// not empty: n is at least 2. The pivot is drawn, so that no order of values is a bad one for long.
static size_t divide(float *values, size_t n, uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    swap(&values[0], &values[(size_t)(*seed >> 8) % n]);
    float pivot = values[0];
    size_t i = 0, j = n - 1;

    for (;;) {
        while (values[j] > pivot)
            j--;
        while (i < j && values[i] < pivot)
            i++;
        if (i >= j)
            return j;
        swap(&values[i++], &values[j--]);
    }
}

// values[rank] becomes what it were if they were sorted, and none behind it is smaller.
static void select_rank(float *values, size_t n, size_t rank)
{
    size_t from = 0, to = n;
    uint32_t seed = 1;

    while (to - from > 1) {
        size_t last = from + divide(values + from, to - from, &seed);
        if (rank <= last)
            to = last + 1;
        else
            from = last + 1;
    }
}

float fl_soft_at_rank(float *values, size_t n, double rank)
{
    size_t below = (size_t)rank;

    select_rank(values, n, below);
    float above = values[below];
    for (size_t i = below + 1; i < n; i++)
        above = i == below + 1 || values[i] < above ? values[i] : above;
    double part = rank - (double)below;
    return (float)((1 - part) * (double)values[below] + part * (double)above);
}
