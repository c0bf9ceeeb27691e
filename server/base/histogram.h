#pragma once

#include <stdint.h>

// How often a value fell into which range: buckets whose bounds double, so that one kind fits
// microseconds and bytes alike, and how many values there were and their sum. Pure; no locks: one
// thread's own.
enum {
    FL_HISTOGRAM_LEAST = 4, // the first bound is 2^4
    FL_HISTOGRAM_BOUNDS = 21,
};

struct fl_histogram {
    uint64_t counts[FL_HISTOGRAM_BOUNDS + 1]; // [k]: above bound k - 1, at most bound k
    uint64_t count, sum;
};

// 2^4 (16 us) to 2^24 (16.8 s); what is above falls into counts[FL_HISTOGRAM_BOUNDS].
static inline uint64_t fl_histogram_bound(unsigned k)
{
    return (uint64_t)1 << (FL_HISTOGRAM_LEAST + k);
}

void fl_histogram_add(struct fl_histogram *histogram, uint64_t value);
