// The software engine's sums, of every instruction set that this processor has.
#include "kernels.h"
#include "test.h"

#include <math.h>
#include <string.h>

enum { CELLS = 7, MOST = 200, REFS = FL_SOFT_REFS };

struct sample {
    float values[CELLS * MOST], inverse[CELLS], unit[CELLS * MOST];
    struct fl_soft_cells cells;
};

static void make(struct sample *sample, size_t d, float shift)
{
    sample->cells = (struct fl_soft_cells){.values = sample->values,
                                           .n = CELLS,
                                           .d = d,
                                           .inverse = sample->inverse,
                                           .shift = shift,
                                           .next = sample->values};
    for (size_t i = 0; i < CELLS; i++) {
        double squares = 0;
        for (size_t k = 0; k < d; k++) {
            float value = (float)((i * 131 + k * k * 37 + 11) % 1009) / 773;
            sample->values[i * d + k] = value;
            squares += (double)(value - shift) * (double)(value - shift);
        }
        sample->inverse[i] = (float)(1 / sqrt(squares));
        for (size_t k = 0; k < d; k++)
            sample->unit[i * d + k] = (sample->values[i * d + k] - shift) * sample->inverse[i];
    }
}

// |u - v|^2 or |u + v|^2 of the unit vectors as they are, in float64.
static double wanted(const struct sample *sample, size_t i, size_t r, double sign)
{
    size_t d = sample->cells.d;
    double sum = 0;

    for (size_t k = 0; k < d; k++) {
        double term = (double)sample->unit[i * d + k] + sign * (double)sample->unit[r * d + k];
        sum += term * term;
    }
    return sum;
}

static void expect_far(const struct sample *sample, size_t r, const float *apart,
                       const float *along)
{
    EXPECT(apart[r] == 0); // the very same numbers, no rounding between
    for (size_t i = 0; i < CELLS; i++) {
        EXPECT_NEAR((double)apart[i], wanted(sample, i, r, -1), 1e-6);
        EXPECT_NEAR((double)along[i], wanted(sample, i, r, 1), 2e-6);
    }
}

static void check_sums(const struct fl_soft_kernels *kernels, const struct sample *sample)
{
    float apart[CELLS * REFS], along[CELLS * REFS];

    kernels->chords(&sample->cells, sample->unit, apart, along);
    for (size_t r = 0; r < REFS; r++)
        expect_far(sample, r, apart + r * CELLS, along + r * CELLS);
    for (size_t r = 0; r < REFS; r++) {
        kernels->chord(&sample->cells, sample->unit + r * sample->cells.d, apart, along);
        expect_far(sample, r, apart, along);
    }
}

static void check(const struct fl_soft_kernels *kernels)
{
    static const size_t lengths[] = {1, 4, 8, 16, 19, 31, 32, 47, 64, 200};
    static struct sample sample;

    for (size_t k = 0; k < 2 * sizeof lengths / sizeof *lengths; k++) {
        make(&sample, lengths[k / 2], k % 2 ? -0.37F : 0);
        check_sums(kernels, &sample);
    }
}

static void test_a_vector_is_exactly_itself_and_others_are_as_far_as_they_are(void)
{
    for_all_kernels(check);
}

int main(void)
{
    RUN(test_a_vector_is_exactly_itself_and_others_are_as_far_as_they_are);
    return 0;
}
