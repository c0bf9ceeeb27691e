#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A picture of one float a pixel and the few operations that filters are made of. Beyond its edges
// a plane continues with its outermost pixels. One thread at a time each.

struct fl_plane {
    int32_t w, h;
    float *at; // owned; w * h values, rows from the top
};

bool fl_plane_init(struct fl_plane *plane, int32_t w, int32_t h); // zeros; false without memory
void fl_plane_finish(struct fl_plane *plane);                     // zeroed is fine
float *fl_plane_row(const struct fl_plane *plane, int32_t y);

// The right half of a symmetric kernel: the middle, then its neighbours.
#define FL_KERNEL_MAX 16
struct fl_kernel {
    int32_t radius; // at most FL_KERNEL_MAX
    float at[FL_KERNEL_MAX + 1];
};

struct fl_kernel fl_kernel_gauss(double sigma); // cut at 3 sigma; its sum is 1

// `in` smoothed across and down into `out`, by way of `scratch`; all of one size. `out` may be
// `in`.
void fl_plane_blur(const struct fl_plane *in, const struct fl_kernel *kernel,
                   struct fl_plane *scratch, struct fl_plane *out);

// Sampling to `n` equal cells along one side: cell i is the mean over the stretch of pixels that it
// covers, widened to `least` pixels where it covers fewer (1: this is linear interpolation).
#define FL_SAMPLER_TAPS 8
struct fl_sampler {
    int32_t n;
    struct fl_taps {
        int32_t first; // may be below 0 or beyond the side: the edge's pixel is meant
        float weight[FL_SAMPLER_TAPS];
    } * cells; // owned
};

// A cell covers `cell` pixels of `in`, and cell 0 begins at pixel 0. cell < FL_SAMPLER_TAPS - 1.
bool fl_sampler_init(struct fl_sampler *sampler, int32_t n, double cell, double least);
void fl_sampler_finish(struct fl_sampler *sampler);
