#pragma once

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
};

const struct fl_soft_kernels *fl_soft_kernels(void); // the fastest that this processor has

extern const struct fl_soft_kernels fl_soft_base, fl_soft_avx2, fl_soft_avx512;
