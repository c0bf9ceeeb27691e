#include "server/data/filter_bank.h"

#include "files.h"
#include "server/data/noise.h"

#include <sched.h>

struct bank { // a picture's map
    int32_t w, h;
    float *values; // owned
};

static struct bank compute_of(struct fl_picture *picture,
                              void (*progress)(void *user, const char *what, unsigned percent),
                              void *user)
{
    struct fl_map_source source = {0};
    struct fl_error error = {0};
    struct bank bank = {0};
    _Atomic(float) done = 0;
    const struct fl_progress told = {&done, 0, 0.5F};

    EXPECT_INT(fl_filter_bank_source(picture, &source, progress, user, &error), FL_OK);
    EXPECT_INT(source.d, FL_FILTER_BANK_CHANNELS);
    bank.w = source.w;
    bank.h = source.h;
    EXPECT_INT(source.decode(source.user, &bank.values, &told, &error), FL_OK);
    EXPECT(atomic_load(&done) == 0.5F); // all of its part
    fl_map_source_finish(&source);
    return bank;
}

static struct bank compute(const uint8_t *rgb, int32_t w, int32_t h)
{
    struct fl_picture *picture = fl_picture_of(rgb, w, h);
    struct bank bank = compute_of(picture, NULL, NULL);

    fl_picture_unref(picture);
    return bank;
}

static const float *vector_at(const struct bank *bank, int32_t i, int32_t j)
{
    return bank->values + ((size_t)j * (size_t)bank->w + (size_t)i) * FL_FILTER_BANK_CHANNELS;
}

static double similarity(const float *a, const float *b)
{
    double ab = 0, aa = 0, bb = 0;

    for (int k = 0; k < FL_FILTER_BANK_CHANNELS; k++) {
        ab += (double)a[k] * (double)b[k];
        aa += (double)a[k] * (double)a[k];
        bb += (double)b[k] * (double)b[k];
    }
    return 1 - acos(fmin(1, fmax(-1, ab / sqrt(aa * bb)))) * 2 / 3.14159265358979323846;
}

// Two discs of one texture on noise of another.
enum { W = 256, H = 160, LEFT_X = 60, LEFT_Y = 60, RIGHT_X = 190, RIGHT_Y = 100, R = 24 };

static bool in_disc(int x, int y, int cx, int cy)
{
    return (x - cx) * (x - cx) + (y - cy) * (y - cy) < R * R;
}

static uint8_t *paint_discs(void)
{
    uint8_t *rgb = malloc((size_t)W * H * 3);

    EXPECT(rgb);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            bool disc = in_disc(x, y, LEFT_X, LEFT_Y) || in_disc(x, y, RIGHT_X, RIGHT_Y);
            float noise = fl_noise_sum((float)x / 9, (float)y / 9, 3, 5);
            int level = disc ? (x / 3 % 2 ? 90 : 160) : 120 + (int)(60 * noise);
            uint8_t *at = pixel(rgb, W, x, y);
            at[0] = (uint8_t)level;
            at[1] = (uint8_t)(level - (disc ? 20 : 0));
            at[2] = (uint8_t)(level - 10);
        }
    return rgb;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void test_a_textured_disc_finds_its_twin(void)
{
    uint8_t *rgb = paint_discs();
    struct bank bank = compute(rgb, W, H);
    double background[(W / 4) * (H / 4)];
    size_t n = 0;

    EXPECT(bank.w == W / 4 && bank.h == H / 4);
    const float *reference = vector_at(&bank, LEFT_X / 4, LEFT_Y / 4);
    double twin = similarity(vector_at(&bank, RIGHT_X / 4, RIGHT_Y / 4), reference);
    for (int j = 0; j < bank.h; j++)
        for (int i = 0; i < bank.w; i++)
            if (!in_disc(i * 4 + 2, j * 4 + 2, LEFT_X, LEFT_Y) &&
                !in_disc(i * 4 + 2, j * 4 + 2, RIGHT_X, RIGHT_Y))
                background[n++] = similarity(vector_at(&bank, i, j), reference);
    qsort(background, n, sizeof *background, compare);
    fprintf(stderr, "  twin %.3f, background's 95th percentile %.3f\n", twin,
            background[n * 95 / 100]);
    EXPECT(twin > background[n * 95 / 100] + 0.2);
    free(bank.values);
    free(rgb);
}

static void test_channels_have_mean_0_and_deviation_1(void)
{
    uint8_t *rgb = paint_discs();
    struct bank bank = compute(rgb, W, H);
    size_t n = (size_t)bank.w * (size_t)bank.h;

    for (size_t k = 0; k < FL_FILTER_BANK_CHANNELS; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            double value = (double)bank.values[i * FL_FILTER_BANK_CHANNELS + k];
            sum += value;
            squares += value * value;
        }
        EXPECT_NEAR(sum / (double)n, 0, 1e-5);
        EXPECT_NEAR(squares / (double)n, 1, 1e-5);
    }
    free(bank.values);
    free(rgb);
}

// A vertical edge's gradient points across: bin 0 of 8; a horizontal one's down: bin 4.
static void test_stripes_answer_in_the_bin_of_their_direction(void)
{
    enum { SIDE = 128 };
    static uint8_t rgb[SIDE * SIDE * 3];

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) // upper half: vertical stripes, lower: horizontal ones
            memset(pixel(rgb, SIDE, x, y), ((y < SIDE / 2 ? x : y) / 4) % 2 ? 200 : 60, 3);
    struct bank bank = compute(rgb, SIDE, SIDE);
    const float *upper = vector_at(&bank, 16, 8), *lower = vector_at(&bank, 16, 24);
    EXPECT(upper[0] > 0.5F && lower[0] < -0.5F);
    EXPECT(upper[4] < -0.5F && lower[4] > 0.5F);
    free(bank.values);
}

static void expect_symmetric(const struct bank *bank, int32_t cell, size_t level)
{
    size_t k = level * 32 + 8; // mean luma
    float middle = vector_at(bank, cell, cell)[k];

    for (int32_t step = 1; step < 4; step++) {
        float left = vector_at(bank, cell - step, cell)[k];
        float right = vector_at(bank, cell + step, cell)[k];
        float above = vector_at(bank, cell, cell - step)[k];
        EXPECT(left < middle);
        if (level == 3)
            continue; // its pixels are two cells wide: symmetric about its own grid only
        EXPECT_NEAR(left, right, 1e-3 * (double)middle);
        EXPECT_NEAR(left, above, 1e-3 * (double)middle);
    }
}

// A bright dot in the middle of a cell answers there and symmetrically around it, on every level.
static void test_a_cell_sees_its_own_place(void)
{
    enum { SIDE = 240, CELL = 30 }; // the cell covers pixels 120 to 123
    static uint8_t rgb[SIDE * SIDE * 3];

    memset(rgb, 40, sizeof rgb);
    for (int y = 0; y < 4; y++)
        memset(pixel(rgb, SIDE, CELL * 4, CELL * 4 + y), 220, 12);
    struct bank bank = compute(rgb, SIDE, SIDE);
    for (size_t level = 0; level < 4; level++)
        expect_symmetric(&bank, CELL, level);
    free(bank.values);
}

static void expect_all_zero(const struct bank *bank)
{
    for (int32_t i = 0; i < bank->w * bank->h * FL_FILTER_BANK_CHANNELS; i++)
        EXPECT(bank->values[i] == 0);
}

static void test_a_picture_of_one_colour_gives_zero_vectors(void)
{
    static const uint8_t colours[][3] = {{0, 0, 0}, {255, 255, 255}, {201, 33, 118}};
    static const int32_t sizes[][2] = {{64, 48}, {1, 1}, {3, 200}, {517, 5}};
    static uint8_t rgb[517 * 200 * 3];

    for (size_t c = 0; c < 3; c++)
        for (size_t s = 0; s < 4; s++) {
            for (size_t i = 0; i < sizeof rgb / 3; i++)
                memcpy(rgb + i * 3, colours[c], 3);
            struct bank bank = compute(rgb, sizes[s][0], sizes[s][1]);
            EXPECT_INT(bank.w, (sizes[s][0] + 3) / 4);
            EXPECT_INT(bank.h, (sizes[s][1] + 3) / 4);
            expect_all_zero(&bank);
            free(bank.values);
        }
}

static void test_values_are_finite_for_any_size(void)
{
    static uint8_t rgb[300 * 300 * 3];
    struct fl_random random = {9};

    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)fl_random_range(&random, 0, 255.9F);
    for (int32_t side = 1; side < 300; side += 13)
        for (int turn = 0; turn < 2; turn++) {
            int32_t w = turn ? side : 300 - side, h = turn ? 7 : side;
            struct bank bank = compute(rgb, w, h);
            for (int32_t i = 0; i < bank.w * bank.h * FL_FILTER_BANK_CHANNELS; i++)
                EXPECT(isfinite(bank.values[i]));
            free(bank.values);
        }
}

// Whether the first processor of this process's alone, or all of them, are used.
static void use_one_processor(const cpu_set_t *all)
{
    cpu_set_t one;
    size_t first = 0;

    while (!CPU_ISSET(first, all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    EXPECT(sched_setaffinity(0, sizeof one, &one) == 0);
}

static void test_the_result_does_not_depend_on_the_processors(void)
{
    uint8_t *rgb = paint_discs();
    cpu_set_t all;

    EXPECT(sched_getaffinity(0, sizeof all, &all) == 0);
    struct bank many = compute(rgb, W, H);
    use_one_processor(&all);
    struct bank one = compute(rgb, W, H);
    EXPECT(sched_setaffinity(0, sizeof all, &all) == 0);
    size_t size = (size_t)one.w * (size_t)one.h * FL_FILTER_BANK_CHANNELS * sizeof(float);
    const void *a = one.values, *b = many.values;
    EXPECT(memcmp(a, b, size) == 0);
    free(many.values);
    free(one.values);
    free(rgb);
}

struct told {
    unsigned last, calls;
};

static void note(void *user, const char *what, unsigned percent)
{
    struct told *told = user;

    EXPECT(what && percent <= 100 && percent >= told->last);
    told->last = percent;
    told->calls++;
}

static void test_progress_rises_to_100(void)
{
    uint8_t *rgb = paint_discs();
    struct fl_picture *picture = fl_picture_of(rgb, W, H);
    struct told told = {0};
    struct bank bank = compute_of(picture, note, &told);

    EXPECT_INT(told.last, 100);
    EXPECT(told.calls >= 5);
    fl_picture_unref(picture);
    free(bank.values);
    free(rgb);
}

static void test_a_photograph_that_is_cut_off_fails_when_computed(void)
{
    uint8_t rgb[64 * 64 * 3] = {0};
    struct fl_buf *whole = make_jpeg(64, 64, TJPF_RGB, rgb, 0);
    struct fl_buf *cut = buf_of(fl_buf_bytes(whole), fl_buf_len(whole) - 4);
    struct fl_picture *picture = NULL;
    struct fl_map_source source = {0};
    struct fl_error error = {0};
    float *values = NULL;

    EXPECT_INT(fl_picture_open_bytes(cut, "cut.jpg", &picture, &error), FL_OK);
    EXPECT_INT(fl_filter_bank_source(picture, &source, NULL, NULL, &error), FL_OK);
    fl_picture_unref(picture); // the source has its own reference
    EXPECT_INT(source.decode(source.user, &values, NULL, &error), FL_ERR_FORMAT);
    EXPECT(values == NULL && strstr(error.text, "cut.jpg is cut off"));
    fl_map_source_finish(&source);
    fl_buf_unref(whole);
    fl_buf_unref(cut);
}

// On the photograph of the published sets: lawn finds lawn, and not the hydrant.
static void test_a_real_photograph_has_something_to_find(void)
{
    char path[4096];
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    if (!find_data("hyd.jpg", path, sizeof path))
        return;
    EXPECT_INT(fl_picture_open(path, &picture, &error), FL_OK);
    struct bank bank = compute_of(picture, NULL, NULL);
    EXPECT(bank.w == 107 && bank.h == 160);
    const float *lawn = vector_at(&bank, 20, 140);
    double other_lawn = similarity(vector_at(&bank, 95, 125), lawn);
    double hydrant = similarity(vector_at(&bank, 53, 75), lawn);
    double tree = similarity(vector_at(&bank, 80, 25), lawn);
    fprintf(stderr, "  lawn %.3f, hydrant %.3f, tree %.3f\n", other_lawn, hydrant, tree);
    EXPECT(other_lawn > hydrant + 0.2 && other_lawn > tree + 0.2);
    fl_picture_unref(picture);
    free(bank.values);
}

int main(void)
{
    RUN(test_a_textured_disc_finds_its_twin);
    RUN(test_channels_have_mean_0_and_deviation_1);
    RUN(test_stripes_answer_in_the_bin_of_their_direction);
    RUN(test_a_cell_sees_its_own_place);
    RUN(test_a_picture_of_one_colour_gives_zero_vectors);
    RUN(test_values_are_finite_for_any_size);
    RUN(test_the_result_does_not_depend_on_the_processors);
    RUN(test_progress_rises_to_100);
    RUN(test_a_photograph_that_is_cut_off_fails_when_computed);
    RUN(test_a_real_photograph_has_something_to_find);
    return 0;
}
