// Sums of squares, extremes and means of a pixel's values, against plain loops.
#include "server/data/sums.h"
#include "test.h"

#include <stdint.h>

enum { MOST = 600 };

static float values[MOST];

static void make(uint32_t seed)
{
    for (size_t i = 0; i < MOST; i++) {
        seed = seed * 1664525U + 1013904223U;
        values[i] = (float)(seed >> 8) / 1048576.0F - 7;
    }
}

static void check(size_t d, double shift)
{
    double squares = 0, sum = 0;
    float min = INFINITY, max = -INFINITY;

    for (size_t k = 0; k < d; k++) {
        double v = (double)values[k] - shift;
        squares += v * v;
        sum += (double)values[k];
        min = fminf(min, values[k]);
        max = fmaxf(max, values[k]);
    }
    struct fl_sums got = fl_sums_of(values, d, shift);
    EXPECT_NEAR(got.squares, squares, squares * 1e-14);
    EXPECT(got.min == min && got.max == max);
    EXPECT_NEAR(fl_sums_mean(values, d), sum / (double)d, 1e-12);
}

static void test_every_length_is_summed_whole(void)
{
    make(5);
    for (size_t d = 1; d <= MOST; d++) {
        check(d, 0);
        check(d, 2.75);
    }
}

static void test_one_infinity_or_nan_shows_wherever_it_lies(void)
{
    make(9);
    for (size_t at = 0; at < 70; at++) {
        float kept = values[at];
        values[at] = NAN;
        struct fl_sums sums = fl_sums_of(values, 70, 0);
        EXPECT(!isfinite(sums.squares) && isfinite(sums.min) && isfinite(sums.max));
        values[at] = at % 2 ? INFINITY : -INFINITY;
        EXPECT(!isfinite(fl_sums_of(values, 70, 0).squares));
        values[at] = at % 2 ? 3.402823e38F : -3.402823e38F; // finite, and so is its square here
        sums = fl_sums_of(values, 70, 0);
        EXPECT(isfinite(sums.squares) && (at % 2 ? sums.max : sums.min) == values[at]);
        values[at] = kept;
    }
}

int main(void)
{
    RUN(test_every_length_is_summed_whole);
    RUN(test_one_infinity_or_nan_shows_wherever_it_lies);
    return 0;
}
