#include "sums.h"

#include <math.h>
#include <string.h>

// No wider than 32 bytes, and less aligned than the compiler would have them: a sanitizer's stack does not
// keep more. Memory is slower than these sums all the same.
enum { LANES = 4 };
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

struct lanes {
    doubles squares;
    floats min, max;
};

INLINE void add(struct lanes *lanes, const float *at, double shift)
{
    floats p = load(at);
    doubles v = __builtin_convertvector(p, doubles) - shift;

    lanes->squares += v * v;
    lanes->min = choose(p < lanes->min, p, lanes->min);
    lanes->max = choose(p > lanes->max, p, lanes->max);
}

INLINE void join(struct fl_sums *all, const struct lanes *lanes)
{
    for (size_t i = 0; i < LANES; i++) {
        all->squares += lanes->squares[i];
        all->min = lanes->min[i] < all->min ? lanes->min[i] : all->min;
        all->max = lanes->max[i] > all->max ? lanes->max[i] : all->max;
    }
}

INLINE struct fl_sums sum(const float *values, size_t d, double shift)
{
    struct fl_sums all = {0, INFINITY, -INFINITY};
    const struct lanes none = {{0}, (floats){0} + INFINITY, (floats){0} - INFINITY};
    struct lanes a = none, b = none, c = none, e = none; // so that additions need not wait
    const size_t step = 4 * (size_t)LANES;
    size_t k = 0;

    for (; k + step <= d; k += step) {
        add(&a, values + k, shift);
        add(&b, values + k + LANES, shift);
        add(&c, values + k + step / 2, shift);
        add(&e, values + k + step / 2 + LANES, shift);
    }
    join(&all, &a);
    join(&all, &b);
    join(&all, &c);
    join(&all, &e);
    for (; k < d; k++) {
        double v = (double)values[k] - shift;
        all.squares += v * v;
        all.min = values[k] < all.min ? values[k] : all.min;
        all.max = values[k] > all.max ? values[k] : all.max;
    }
    return all;
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static struct fl_sums sum_avx2(const float *values, size_t d,
                                                                   double shift)
{
    return sum(values, d, shift);
}
#endif

struct fl_sums fl_sums_of(const float *values, size_t d, double shift)
{
#if defined(__x86_64__)
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
