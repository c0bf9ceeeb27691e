#include "histogram.h"

static unsigned bucket_of(uint64_t value)
{
    unsigned bits = value > 1 ? 64 - (unsigned)__builtin_clzll(value - 1) : 0; // 2^bits >= value

    if (bits <= FL_HISTOGRAM_LEAST)
        return 0;
    unsigned k = bits - FL_HISTOGRAM_LEAST;
    return k < FL_HISTOGRAM_BOUNDS ? k : FL_HISTOGRAM_BOUNDS;
}

void fl_histogram_add(struct fl_histogram *histogram, uint64_t value)
{
    histogram->counts[bucket_of(value)]++;
    histogram->count++;
    histogram->sum += value;
}
