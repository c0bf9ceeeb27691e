#include "read_once.h"

enum { LANES = 64 };

typedef uint32_t __attribute__((may_alias)) word;

// Sums of integers may be reordered, those of floats may not: so the compiler can use wide vectors.
uint32_t fl_read_once(const float *values, size_t n)
{
    const word *words = (const void *)values;
    uint32_t lanes[LANES] = {0}, sum = 0;

    for (size_t i = 0; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += words[i + k];
    for (size_t k = 0; k < LANES; k++)
        sum += lanes[k];
    return sum;
}
