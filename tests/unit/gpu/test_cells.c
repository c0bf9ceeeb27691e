// What the software engine makes of one number a cell, by every instruction set that this processor
// has: curves, ranges, steps and levels against float64, ranks against a sorted list.
#include "kernels.h"
#include "server/gpu/soft_rank.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1003, STEPS = 64 };

static const size_t lengths[] = {0, 1, 2, 7, 31, 32, 33, 63, 255, 256, 257, 600, MOST};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static uint32_t seed = 7;

static float random_number(void) // in [0, 1)
{
    seed = seed * 1664525U + 1013904223U;
    return (float)(seed >> 8) / 16777216.0F;
}

// Chords as the pass leaves them: |u - v|^2 up to 2, beyond that -|u + v|^2; some cells invalid.
static void make_chords(float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float chord = 2 * random_number();
        out[i] = i % 11 == 3 ? NAN : i % 7 == 0 ? -fmaxf(chord, 1e-30F) : i % 13 == 1 ? 0 : chord;
    }
}

static double wanted_curve(float chord, enum fl_curve curve)
{
    double half = sqrt(fabs((double)chord)) / 2, angle = 2 * asin(fmin(half, 1));

    angle = chord < 0 ? M_PI - angle : angle;
    return curve == FL_CURVE_COSINE    ? cos(angle)
           : curve == FL_CURVE_ANGULAR ? 1 - angle * M_2_PI
                                       : angle * 180 / M_PI;
}

static void check_curve(const struct fl_soft_kernels *kernels, size_t n, enum fl_curve curve)
{
    float chords[MOST] = {0}, out[MOST];
    double slack = curve == FL_CURVE_ANGLE ? 2e-5 : 2.5e-7;

    make_chords(chords, n);
    kernels->curve(chords, n, curve, out);
    for (size_t i = 0; i < n; i++) {
        if (isnan(chords[i]))
            EXPECT(isnan(out[i]));
        else
            EXPECT_NEAR((double)out[i], wanted_curve(chords[i], curve), slack);
        if (chords[i] == 0)
            EXPECT(out[i] == (curve == FL_CURVE_ANGLE ? 0 : 1));
    }
}

static void check_curves(const struct fl_soft_kernels *kernels)
{
    for (int k = 0; k < LENGTHS; k++) {
        check_curve(kernels, lengths[k], FL_CURVE_ANGULAR);
        check_curve(kernels, lengths[k], FL_CURVE_COSINE);
        check_curve(kernels, lengths[k], FL_CURVE_ANGLE);
    }
}

static void test_curves_are_those_of_the_formulas(void)
{
    for_all_kernels(check_curves);
}

static void make_numbers(float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = i % 17 == 5 ? NAN : 40 * random_number() - 13;
}

static void check_range(const struct fl_soft_kernels *kernels)
{
    float values[MOST];

    for (int k = 0; k < LENGTHS; k++) {
        float low = INFINITY, high = -INFINITY;
        uint32_t valid = 0;
        make_numbers(values, lengths[k]);
        for (size_t i = 0; i < lengths[k]; i++) {
            low = fminf(low, values[i]);
            high = fmaxf(high, values[i]);
            valid += isnan(values[i]) ? 0 : 1;
        }
        struct fl_soft_range range = kernels->range(values, lengths[k]);
        EXPECT(range.low == low && range.high == high);
        EXPECT_INT(range.valid, valid);
    }
    values[0] = NAN;
    EXPECT_INT(kernels->range(values, 1).valid, 0);
}

static void test_a_range_leaves_out_what_is_invalid(void)
{
    for_all_kernels(check_range);
}

static void expect_step(float value, int32_t step) // of -13 to 27
{
    double wanted = ((double)value + 13) / 40 * STEPS;

    if (isnan(value))
        EXPECT_INT(step, STEPS);
    else // at a border either step will do
        EXPECT(step >= (int)(wanted - 1e-4) && step <= (int)(wanted + 1e-4));
}

static void check_steps(const struct fl_soft_kernels *kernels)
{
    float values[MOST];
    int32_t steps[MOST];

    for (int k = 0; k < LENGTHS; k++) {
        size_t n = lengths[k];
        make_numbers(values, n);
        struct fl_soft_steps how = {
            .from = 0.5F * -13, .per = STEPS / (0.5F * 40), .wanted = 99, .n = STEPS};
        EXPECT(!kernels->steps(values, n, &how, steps));
        for (size_t i = 0; i < n; i++)
            expect_step(values[i], steps[i]);
        how.wanted = n > 0 && n < 5 ? values[n - 1] : NAN;
        EXPECT(kernels->steps(values, n, &how, steps) == (n > 0 && n < 5)); // NaN is never found
    }
    struct fl_soft_steps flat = {.from = 1, .per = 0, .n = STEPS};
    values[0] = 2;
    values[1] = 300; // beyond the last step
    kernels->steps(values, 1, &flat, steps);
    EXPECT_INT(steps[0], 0);
    flat.per = INFINITY;
    kernels->steps(values, 2, &flat, steps);
    EXPECT_INT(steps[0], 0);
    EXPECT_INT(steps[1], STEPS - 1);
}

static void test_steps_are_equal_parts_of_the_range(void)
{
    for_all_kernels(check_steps);
}

static void expect_level(float value, uint8_t level, const float range[2], bool invert)
{
    double lo = (double)range[0], span = (double)range[1] - lo;
    double t = span > 0 ? ((double)value - lo) / span : 0.5;

    t = 255 * fmin(fmax(invert ? 1 - t : t, 0), 1) + 0.5;
    if (isnan(value))
        EXPECT_INT(level, 0);
    else
        EXPECT(level >= (int)(t - 1e-4) && level <= (int)(t + 1e-4));
}

static void check_levels(const struct fl_soft_kernels *kernels, float lo, float hi, bool invert)
{
    struct fl_soft_levels how = {.lo = 0.5F * lo, .span = 0.5F * hi - 0.5F * lo, .invert = invert};
    float values[MOST];
    uint8_t levels[MOST];

    for (int k = 0; k < LENGTHS; k++) {
        make_numbers(values, lengths[k]);
        kernels->levels(values, lengths[k], &how, levels);
        for (size_t i = 0; i < lengths[k]; i++)
            expect_level(values[i], levels[i], (float[]){lo, hi}, invert);
    }
}

static void check_all_levels(const struct fl_soft_kernels *kernels)
{
    check_levels(kernels, -13, 27, false);
    check_levels(kernels, -13, 27, true);
    check_levels(kernels, 0, 3, false);
    check_levels(kernels, 5, 5, true);
    check_levels(kernels, -3e38F, 3e38F, false);
}

static void test_levels_are_those_of_the_formula(void)
{
    for_all_kernels(check_all_levels);
}

static int by_value(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void check_ranks(const float *values, size_t n)
{
    float sorted[MOST], room[MOST];

    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, by_value);
    for (int k = 0; k <= 40; k++) {
        double rank = (double)(n - 1) * k / 40;
        size_t below = (size_t)rank, above = below + 1 < n ? below + 1 : below;
        double part = rank - (double)below;
        memcpy(room, values, n * sizeof *values);
        float got = fl_soft_at_rank(room, n, rank);
        EXPECT(got == (float)((1 - part) * (double)sorted[below] + part * (double)sorted[above]));
    }
}

static void test_ranks_are_those_of_the_sorted_numbers(void)
{
    float values[MOST];

    for (int k = 1; k < LENGTHS; k++) {
        size_t n = lengths[k];
        for (size_t i = 0; i < n; i++)
            values[i] = random_number();
        check_ranks(values, n);
        for (size_t i = 0; i < n; i++)
            values[i] = (float)(i % 3); // many alike
        check_ranks(values, n);
        for (size_t i = 0; i < n; i++)
            values[i] = (float)(n - i);
        check_ranks(values, n);
        qsort(values, n, sizeof *values, by_value);
        check_ranks(values, n);
    }
}

int main(void)
{
    RUN(test_curves_are_those_of_the_formulas);
    RUN(test_a_range_leaves_out_what_is_invalid);
    RUN(test_steps_are_equal_parts_of_the_range);
    RUN(test_levels_are_those_of_the_formula);
    RUN(test_ranks_are_those_of_the_sorted_numbers);
    return 0;
}
