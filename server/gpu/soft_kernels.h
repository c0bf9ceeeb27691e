#pragma once

#include "server/data/metric.h"

#include <stddef.h>

// The sums of the software engine, written once (soft_kernels.inc) with the compiler's vectors and
// compiled for several instruction sets; the best one of this processor is chosen at run time.
// Pure; any thread.

enum { FL_SOFT_REFS = 4 }; // references that go through a pixel's values together

struct fl_soft_cells { // n pixels whose d values lie one behind the other
    const float *values;
    size_t n, d;
    const float *inverse; // n: 1 / |p|, 0 where there is no direction
    const float *shifts;  // `centred` alone: n, each pixel's mean
    float shift;          // the others: taken from every value
    // `chords` alone: what to fetch into the cache meanwhile, a FL_SOFT_REFS-th of n * d values and at
    // most d more; never NULL.
    const float *next;
};

struct fl_soft_range { // of the valid ones of some numbers; low above high: none
    float low, high;
    uint32_t valid;
};

struct fl_soft_steps { // of a histogram; halves, so that no difference overflows
    float from, per;   // 0.5 * value - from, times this
    float wanted;      // a value that is looked for
    int32_t n;
};

struct fl_soft_levels { // as levels.frag; halves likewise
    float lo, span;
    bool invert; // small is bright
};

struct fl_soft_kernels {
    const char *name;
    // apart[i] = |u - v|^2 and, unless NULL, along[i] = |u + v|^2 of pixel i's unit vector u and
    // the unit vector v (d values).
    void (*chord)(const struct fl_soft_cells *cells, const float *v, float *apart, float *along);
    // The same for FL_SOFT_REFS unit vectors, one behind the other: apart[k * n + i].
    void (*chords)(const struct fl_soft_cells *cells, const float *v, float *apart, float *along);
    // As `chord`, of vectors less their means. Those are rounded to float32, so that u and v are
    // off by a constant each; it shows in the sum of the differences and is taken off again.
    void (*centred)(const struct fl_soft_cells *cells, const float *v, float *apart, float *along);
    // Sums over the values as they are, times `scale`: of p r, (p - r)^2, |p - r|, sqrt|p - r|.
    void (*dot)(const struct fl_soft_cells *cells, const float *r, float scale, float *out);
    void (*l2)(const struct fl_soft_cells *cells, const float *r, float scale, float *out);
    void (*l1)(const struct fl_soft_cells *cells, const float *r, float scale, float *out);
    void (*lhalf)(const struct fl_soft_cells *cells, const float *r, float scale, float *out);

    // Of numbers one a cell, NaN where invalid (soft_cells.inc).
    // A metric's numbers from chords; NaN stays NaN.
    void (*curve)(const float *chords, size_t n, enum fl_curve curve, float *out);
    struct fl_soft_range (*range)(const float *values, size_t n);
    // Each one's step from 0 to how->n - 1, how->n where invalid. Whether one of them is the wanted.
    bool (*steps)(const float *values, size_t n, const struct fl_soft_steps *how, int32_t *out);
    // round(255 s'), 0 where invalid.
    void (*levels)(const float *values, size_t n, const struct fl_soft_levels *how, uint8_t *out);
};

const struct fl_soft_kernels *fl_soft_kernels(void); // the fastest that this processor has

extern const struct fl_soft_kernels fl_soft_base, fl_soft_avx2, fl_soft_avx512;
