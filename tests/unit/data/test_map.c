#include "server/data/source.h"

#include "../test.h"

#include "server/base/mem.h"
#include "server/base/thread.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>

static const double unit[4] = {0, 0, 1, 1};

// A map over values that the test keeps.
static struct fl_map *map_of(const float *values, int32_t w, int32_t h, int32_t d)
{
    struct fl_map_source source = fl_map_source_of(values, w, h, d);

    return fl_map_create("test", &source, unit);
}

static void load(struct fl_map *map, enum fl_norms norms)
{
    struct fl_error error = {0};

    if (fl_map_load(map, norms, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    EXPECT(fl_map_loaded(map, norms) && fl_map_loaded(map, FL_NORMS_ZERO));
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static float random_value(uint32_t *state)
{
    return (float)next_random(state) / 0x1p23f - 1.0f;
}

// What inverse norms and shifts should be, one value at a time.
static double expected_inverse(const float *p, int32_t d, double shift)
{
    double squares = 0;

    for (int32_t k = 0; k < d; k++)
        squares += ((double)p[k] - shift) * ((double)p[k] - shift);
    double norm = sqrt(squares);
    return norm > 0 && norm <= (double)FLT_MAX ? 1 / norm : 0;
}

static void check_cell(const struct fl_map *map, size_t cell, const float *p)
{
    int32_t d = fl_map_facts(map)->d;
    float min = fl_map_inverse_norms(map, FL_NORMS_MIN)[cell];
    float centred = fl_map_inverse_norms(map, FL_NORMS_CENTRED)[cell];
    float shift = fl_map_shifts(map, FL_NORMS_CENTRED)[cell];
    double mean = 0, want = expected_inverse(p, d, 0);

    EXPECT_NEAR(fl_map_inverse_norms(map, FL_NORMS_ZERO)[cell], want, want * 1e-7);
    if (want == 0) {
        EXPECT(min == 0 && centred == 0 && isfinite(shift));
        return;
    }
    for (int32_t k = 0; k < d; k++)
        mean += (double)p[k] / d;
    EXPECT_NEAR(shift, mean, 1e-6);
    want = expected_inverse(p, d, (double)fl_map_stats(map)->min);
    EXPECT_NEAR(min, want, want * 1e-7);
    want = expected_inverse(p, d, (double)shift);
    EXPECT_NEAR(centred, want, want * 1e-7);
}

static void check_norms(const struct fl_map *map, const float *values)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    const struct fl_map_stats *stats = fl_map_stats(map);
    size_t cells = (size_t)facts->w * (size_t)facts->h, d = (size_t)facts->d;
    uint64_t invalid = 0;
    float lowest = FLT_MAX, highest = -FLT_MAX;

    EXPECT(!fl_map_shifts(map, FL_NORMS_ZERO) && !fl_map_shifts(map, FL_NORMS_MIN));
    for (size_t cell = 0; cell < cells; cell++) {
        check_cell(map, cell, values + cell * d);
        invalid += fl_map_inverse_norms(map, FL_NORMS_ZERO)[cell] == 0;
    }
    for (size_t k = 0; k < cells * d; k++) {
        lowest = fminf(lowest, values[k]); // all are finite here
        highest = fmaxf(highest, values[k]);
    }
    EXPECT_INT(stats->invalid, invalid);
    EXPECT(stats->min == lowest && stats->max == highest);
}

static void load_and_check(const float *values, int32_t w, int32_t h, int32_t d)
{
    struct fl_map *map = map_of(values, w, h, d);

    EXPECT(!fl_map_loaded(map, FL_NORMS_ZERO));
    EXPECT_INT(fl_map_facts(map)->bytes, 4ll * w * h * d);
    load(map, FL_NORMS_CENTRED);
    EXPECT(!fl_map_loaded(map, FL_NORMS_MIN));
    load(map, FL_NORMS_MIN);
    load(map, FL_NORMS_MIN); // again: nothing happens
    check_norms(map, values);
    fl_map_unref(map);
}

static void test_statistics_and_norms_are_those_in_float64(void)
{
    static const int32_t sizes[][3] = {
        {1, 1, 1}, {1, 1, 9}, {13, 7, 5}, {40, 27, 64}, {7, 900, 131}, {90000, 3, 5}, {3, 2, 65536},
    };
    uint32_t state = 5;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = (size_t)sizes[i][0] * (size_t)sizes[i][1] * (size_t)sizes[i][2];
        float *values = calloc(n, sizeof *values);
        EXPECT(values);
        for (size_t k = 0; k < n; k++)
            values[k] = random_value(&state);
        load_and_check(values, sizes[i][0], sizes[i][1], sizes[i][2]);
        free(values);
    }
}

static void test_pixels_without_a_direction_are_invalid(void)
{
    enum { W = 5, H = 3, D = 11 };
    static const struct {
        size_t cell;
        float value;
        bool all; // of its values, not one
    } bad[] = {
        {0, 0, true},       {2, NAN, false},   {4, INFINITY, false}, {6, -INFINITY, false},
        {8, FLT_MAX, true}, {10, -0.0f, true}, {12, 1e-45f, true},
    };
    float values[W * H * D];
    uint32_t state = 9;

    for (size_t k = 0; k < sizeof values / sizeof *values; k++)
        values[k] = random_value(&state);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t k = bad[i].all ? 0 : i; k < (bad[i].all ? D : i + 1); k++)
            values[bad[i].cell * D + k] = bad[i].value;
    struct fl_map *map = map_of(values, W, H, D);
    load(map, FL_NORMS_ZERO);
    const float *inverse = fl_map_inverse_norms(map, FL_NORMS_ZERO);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(inverse[bad[i].cell] == 0); // 1e-45: one over its norm is beyond float32
    for (int cell = 1; cell < W * H; cell += 2)
        EXPECT(inverse[cell] > 0);
    EXPECT_INT(fl_map_stats(map)->invalid, sizeof bad / sizeof *bad);
    EXPECT(fl_map_stats(map)->max < 10); // FLT_MAX is finite, but its pixel is in no statistics
    fl_map_unref(map);
}

static void test_what_stands_for_nothing_does_not_move_the_minimum(void)
{
    const float values[] = {-FLT_MAX, -FLT_MAX, -FLT_MAX, 1, 2,   3,        -50, NAN,
                            90,       0.5f,     4,        1, -60, INFINITY, 7};
    struct fl_map *map = map_of(values, 5, 1, 3);

    load(map, FL_NORMS_MIN);
    EXPECT_INT(fl_map_stats(map)->invalid, 3);
    EXPECT(fl_map_stats(map)->min == 0.5f && fl_map_stats(map)->max == 4);
    const float *min = fl_map_inverse_norms(map, FL_NORMS_MIN);
    EXPECT(min[0] == 0 && min[1] > 0 && min[2] == 0 && min[3] > 0 && min[4] == 0);
    fl_map_unref(map);
}

static void test_huge_and_tiny_norms_that_fit_are_valid(void)
{
    const float values[] = {1e38f, 2e38f, 1e-37f, 0, 3e-38f, 4e-38f};
    struct fl_map *map = map_of(values, 3, 1, 2);

    load(map, FL_NORMS_ZERO);
    const float *inverse = fl_map_inverse_norms(map, FL_NORMS_ZERO);
    EXPECT_NEAR((double)inverse[0] * sqrt(5) * 1e38, 1, 1e-5); // 1 / norm is subnormal
    EXPECT_NEAR((double)inverse[1] * 1e-37, 1, 1e-7);
    EXPECT_NEAR((double)inverse[2] * 5e-38, 1, 1e-6);
    EXPECT_INT(fl_map_stats(map)->invalid, 0);
    fl_map_unref(map);
}

static void test_shifting_takes_directions_away_and_gives_none(void)
{
    // Constant vectors have no direction about their mean; the lowest none about the minimum.
    const float values[] = {-2, -2, -2, 0.1f, 0.1f, 0.1f, 0, 0, 0, 1, 2, 3};
    struct fl_map *map = map_of(values, 4, 1, 3);

    load(map, FL_NORMS_MIN);
    load(map, FL_NORMS_CENTRED);
    const float *min = fl_map_inverse_norms(map, FL_NORMS_MIN);
    const float *centred = fl_map_inverse_norms(map, FL_NORMS_CENTRED);
    EXPECT(min[0] == 0 && min[1] > 0 && min[2] == 0 && min[3] > 0);
    EXPECT(centred[0] == 0 && centred[1] == 0 && centred[2] == 0 && centred[3] > 0);
    EXPECT(fl_map_shifts(map, FL_NORMS_CENTRED)[3] == 2);
    EXPECT_INT(fl_map_stats(map)->invalid, 1);
    fl_map_unref(map);
}

static void test_a_map_without_a_finite_value_has_no_range(void)
{
    const float values[] = {NAN, INFINITY, -INFINITY, NAN};
    struct fl_map *map = map_of(values, 2, 1, 2);

    load(map, FL_NORMS_MIN);
    EXPECT(isnan(fl_map_stats(map)->min) && isnan(fl_map_stats(map)->max));
    EXPECT_INT(fl_map_stats(map)->invalid, 2);
    EXPECT(fl_map_inverse_norms(map, FL_NORMS_MIN)[0] == 0);
    fl_map_unref(map);
}

struct cook { // makes 2 x 1 x 2 values
    int decoded, finished, failures;
    struct fl_map *watched; // borrowed; whose progress is looked at while it is cooked
    double seen[2];
};

static enum fl_err cook(void *user, float **out, const struct fl_progress *progress,
                        struct fl_error *error)
{
    struct cook *self = user;

    self->decoded++;
    for (int k = 0; k < 2 && self->watched; k++) {
        fl_progress_tell(progress, k);
        self->seen[k] = fl_map_progress(self->watched, FL_NORMS_CENTRED);
    }
    if (self->decoded <= self->failures)
        return fl_fail(error, FL_ERR_FORMAT, "burnt");
    *out = malloc(4 * sizeof **out);
    EXPECT(*out);
    memcpy(*out, (float[]){1, 2, 3, 4}, 4 * sizeof **out);
    return FL_OK;
}

static void clean(void *user)
{
    ((struct cook *)user)->finished++;
}

static void test_a_decoder_runs_once_and_is_ended_once(void)
{
    struct cook self = {.failures = 1};
    struct fl_map_source source = {
        .w = 2, .h = 1, .d = 2, .decode = cook, .finish = clean, .user = &self};
    struct fl_error error = {0};
    float vector[2];

    struct fl_map *map = fl_map_create("x", &source, unit);
    EXPECT(!source.decode);
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_ERR_FORMAT);
    EXPECT(self.finished == 0 && !fl_map_loaded(map, FL_NORMS_ZERO));
    load(map, FL_NORMS_ZERO);
    load(map, FL_NORMS_CENTRED);
    EXPECT(self.decoded == 2 && self.finished == 1);
    fl_map_read_vector(map, 1, 0, vector);
    EXPECT(vector[0] == 3 && vector[1] == 4 && fl_map_rows(map, 0)[1] == 2);
    EXPECT(!fl_map_gone(map));
    EXPECT(fl_map_ref(map) == map);
    fl_map_unref(map);
    EXPECT_INT(fl_map_facts(map)->w, 2);
    fl_map_unref(map);
    EXPECT_INT(self.finished, 1);

    source = (struct fl_map_source){
        .w = 2, .h = 1, .d = 2, .decode = cook, .finish = clean, .user = &self};
    fl_map_unref(fl_map_create("never loaded", &source, unit));
    EXPECT(self.decoded == 2 && self.finished == 2);
}

static void test_how_much_of_a_load_is_done_is_told(void)
{
    struct cook self = {.failures = 1};
    struct fl_map_source source = {
        .w = 2, .h = 1, .d = 2, .decode = cook, .finish = clean, .user = &self};
    struct fl_error error = {0};

    struct fl_map *map = fl_map_create("x", &source, unit);
    EXPECT(fl_map_progress(map, FL_NORMS_CENTRED) == 0);
    self.watched = map;
    EXPECT_INT(fl_map_load(map, FL_NORMS_CENTRED, &error), FL_ERR_FORMAT);
    // The two passes over the values come after it.
    EXPECT(self.seen[0] == 0 && self.seen[1] > 0.5 && self.seen[1] < 1);
    EXPECT(fl_map_progress(map, FL_NORMS_CENTRED) == 0); // nothing of it is left
    load(map, FL_NORMS_CENTRED);
    EXPECT(fabs(fl_map_progress(map, FL_NORMS_CENTRED) - 1) < 1e-6);
    EXPECT(fl_map_progress(map, FL_NORMS_MIN) == 0);
    load(map, FL_NORMS_MIN);
    EXPECT(fabs(fl_map_progress(map, FL_NORMS_MIN) - 1) < 1e-6);
    fl_map_unref(map);
}

static void test_what_does_not_fit_into_memory_is_not_decoded(void)
{
    struct cook self = {0};
    struct fl_map_source source = {
        .w = 1048576, .h = 1048576, .d = 65536, .decode = cook, .finish = clean, .user = &self};
    struct fl_error error = {0};

    struct fl_map *map = fl_map_create("vast", &source, unit);
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_ERR_TOO_BIG);
    EXPECT(strstr(error.text, "vast needs 256.0 PiB of memory, and ") &&
           strstr(error.text, "are free"));
    EXPECT_INT(self.decoded, 0);
    fl_map_unref(map);
}

static void test_points_fall_into_cells(void)
{
    static const double extent[4] = {-10, 20, 30, 40.5}; // 8 x 4 cells of 5 x 5.125
    static const struct {
        double x, y;
        int32_t i, j; // -1: outside
    } cases[] = {
        {-10, 20, 0, 0},        {-5.001, 20, 0, 0},  {-5, 20, 1, 0},
        {29.999, 40.499, 7, 3}, {30, 30, -1, -1},    {0, 40.5, -1, -1},
        {-10.001, 30, -1, -1},  {0, 19.999, -1, -1}, {(double)NAN, 30, -1, -1},
        {0, HUGE_VAL, -1, -1},  {0, 25.125, 2, 1},   {0, 25.124, 2, 0},
    };
    struct fl_map_source source = {.w = 8, .h = 4, .d = 1};

    struct fl_map *map = fl_map_create("x", &source, extent);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        int32_t i = -1, j = -1;
        bool inside = fl_map_cell(map, cases[k].x, cases[k].y, &i, &j);
        EXPECT(inside == (cases[k].i >= 0));
        if (inside)
            EXPECT(i == cases[k].i && j == cases[k].j);
    }
    fl_map_unref(map);
}

static void check_cells(double from, int32_t w)
{
    double to = from + 426.9;
    struct fl_map_source source = {.w = w, .h = 1, .d = 1};
    struct fl_map *map = fl_map_create("x", &source, (double[]){from, 0, to, 1});
    int32_t i = -1, j = -1;

    for (int32_t k = 0; k < w; k++) {
        EXPECT(fl_map_cell(map, from + (k + 0.5) * (to - from) / w, 0, &i, &j));
        EXPECT_INT(i, k);
    }
    EXPECT(fl_map_cell(map, nextafter(to, from), 0, &i, &j) && i == w - 1);
    EXPECT(fl_map_cell(map, from, 0, &i, &j) && i == 0);
    EXPECT(!fl_map_cell(map, to, 0, &i, &j));
    fl_map_unref(map);
}

static void test_every_cell_holds_its_centre_and_the_last_its_edge(void)
{
    for (int32_t w = 1; w < 400; w += 3)
        for (int step = 0; step < 5; step++)
            check_cells(-7.3 + step * 111.1, w);
}

struct watcher {
    struct fl_map *map;
    atomic_bool seen;
};

static void watch(void *user)
{
    struct watcher *watcher = user;

    while (!fl_map_loaded(watcher->map, FL_NORMS_CENTRED)) {
        double done = fl_map_progress(watcher->map, FL_NORMS_CENTRED);
        EXPECT(done >= 0 && done < 1 + 1e-6);
    }
    EXPECT(fl_map_stats(watcher->map)->max > 0);
    EXPECT(fl_map_inverse_norms(watcher->map, FL_NORMS_CENTRED)[0] > 0);
    atomic_store(&watcher->seen, true);
    fl_map_unref(watcher->map);
}

static void test_another_thread_sees_all_of_it_or_nothing(void)
{
    const size_t n = 200000;
    float *values = fl_calloc(n, sizeof *values);

    for (size_t k = 0; k < n; k++)
        values[k] = (float)(k % 17);
    struct fl_map *map = map_of(values, 100, 100, 20);
    struct watcher watcher = {.map = fl_map_ref(map)};
    struct fl_thread *thread = fl_thread_start("watch", watch, &watcher);
    load(map, FL_NORMS_CENTRED);
    fl_thread_join(thread);
    EXPECT(atomic_load(&watcher.seen));
    fl_map_unref(map);
    free(values);
}

int main(void)
{
    RUN(test_statistics_and_norms_are_those_in_float64);
    RUN(test_pixels_without_a_direction_are_invalid);
    RUN(test_what_stands_for_nothing_does_not_move_the_minimum);
    RUN(test_huge_and_tiny_norms_that_fit_are_valid);
    RUN(test_shifting_takes_directions_away_and_gives_none);
    RUN(test_a_map_without_a_finite_value_has_no_range);
    RUN(test_a_decoder_runs_once_and_is_ended_once);
    RUN(test_how_much_of_a_load_is_done_is_told);
    RUN(test_what_does_not_fit_into_memory_is_not_decoded);
    RUN(test_points_fall_into_cells);
    RUN(test_every_cell_holds_its_centre_and_the_last_its_edge);
    RUN(test_another_thread_sees_all_of_it_or_nothing);
    return 0;
}
