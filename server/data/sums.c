#include "sums.h"

#include <math.h>
#include <string.h>

// Less aligned than the compiler would have them: a sanitizer's stack does not keep 64 bytes.
enum { LANES = 8 };
typedef float floats __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int masks __attribute__((vector_size(LANES * sizeof(int)), aligned(4)));
typedef double doubles __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));

#define INLINE static inline __attribute__((always_inline))

INLINE floats load(const float *at)
{
    floats v;
    memcpy(&v, at, sizeof v);
    return v;
}

INLINE floats choose(masks mask, floats yes, floats no)
{
    return (floats)((mask & (masks)yes) | (~mask & (masks)no));
}

INLINE struct fl_sums sum(const float *values, size_t d, double shift)
{
    floats min = (floats){0} + INFINITY, max = (floats){0} - INFINITY;
    doubles a = {0}, b = {0}; // two sums, so that additions need not wait for each other
    struct fl_sums all = {0, INFINITY, -INFINITY};
    const size_t step = 2 * (size_t)LANES;
    size_t k = 0;

    for (; k + step <= d; k += step) {
        floats p = load(values + k), q = load(values + k + LANES);
        doubles u = __builtin_convertvector(p, doubles) - shift;
        doubles v = __builtin_convertvector(q, doubles) - shift;
        a += u * u;
        b += v * v;
        min = choose(p < min, p, min);
        max = choose(p > max, p, max);
        min = choose(q < min, q, min);
        max = choose(q > max, q, max);
    }
    a += b;
    for (size_t i = 0; i < LANES; i++) {
        all.squares += a[i];
        all.min = min[i] < all.min ? min[i] : all.min;
        all.max = max[i] > all.max ? max[i] : all.max;
    }
    for (; k < d; k++) {
        double v = (double)values[k] - shift;
        all.squares += v * v;
        all.min = values[k] < all.min ? values[k] : all.min;
        all.max = values[k] > all.max ? values[k] : all.max;
    }
    return all;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static struct fl_sums sum_avx512(const float *values, size_t d,
                                                                    double shift)
{
    return sum(values, d, shift);
}

__attribute__((target("avx2,fma"))) static struct fl_sums sum_avx2(const float *values, size_t d,
                                                                   double shift)
{
    return sum(values, d, shift);
}
#endif

struct fl_sums fl_sums_of(const float *values, size_t d, double shift)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return sum_avx512(values, d, shift);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return sum_avx2(values, d, shift);
#endif
    return sum(values, d, shift);
}

double fl_sums_mean(const float *values, size_t d)
{
    doubles sums = {0};
    double all = 0;
    size_t k = 0;

    for (; k + LANES <= d; k += LANES)
        sums += __builtin_convertvector(load(values + k), doubles);
    for (size_t i = 0; i < LANES; i++)
        all += sums[i];
    for (; k < d; k++)
        all += (double)values[k];
    return all / (double)d;
}
