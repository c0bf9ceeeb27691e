// Feature maps in half precision: what it costs in digits and saves in memory, and what stays exact.
#include "rig.h"

enum { W = 41, H = 23, D = 30 };

static const float *vector_of(const struct fl_map *map, int cell)
{
    return fl_map_rows(map, 0) + (size_t)cell * D;
}

static struct fl_map *make(float largest, bool is_signed)
{
    size_t n = (size_t)W * H * D;
    float *values = malloc(n * sizeof *values);
    uint32_t seed = 17;

    EXPECT(values != NULL);
    for (size_t i = 0; i < n; i++)
        values[i] = largest * (rig_random(&seed) - (is_signed ? 0.5F : 0));
    struct fl_map *map = rig_map(values, W, H, D);
    free(values);
    return map;
}

static struct fl_frame *channel_of(struct rig *rig, struct fl_map *map, uint32_t channel)
{
    struct fl_render render = rig_render(map, 0, 0);

    render.mode = FL_MODE_CHANNEL;
    render.channel = channel;
    return rig_draw(rig, map, &render);
}

// Either way of rounding to 11 bits, to nearest (2^-11) or down (2^-10), is a half's; none below 2^-17
// on the average is.
static void test_channels_are_rounded_to_eleven_bits(void)
{
    struct rig rig = rig_open_as(NULL, &(struct fl_gpu_options){.half = true});
    struct fl_map *map = make(9, true);
    struct fl_frame *frame = channel_of(&rig, map, 29);
    double sum = 0;

    for (int i = 0; i < W * H; i++) {
        double value = (double)vector_of(map, i)[29];
        double off = fabs((double)rig_value(frame, i % W, i / W) - value);
        EXPECT(off <= fabs(value) * 0x1p-10 + 0x1p-24);
        sum += off / fabs(value);
    }
    EXPECT(sum / (W * H) > 0x1p-15); // it is not float32
    rig_free(frame);
    fl_map_unref(map);
    rig_close(&rig);
}

static void check_similarity(struct rig *rig, struct fl_map *map, enum fl_way way)
{
    struct fl_render render = rig_render(map, 20, 11);
    struct fl_frame *frame = rig_draw(rig, map, &render);
    struct oracle o = {.r = vector_of(map, 11 * W + 20), .d = D};
    double worst = 0;

    for (int i = 0; i < W * H; i++) {
        o.p = vector_of(map, i);
        double s = oracle_s(&o, FL_METRIC_ANGULAR, FL_ORIGIN_ZERO);
        double got = (double)rig_value(frame, i % W, i / W);
        EXPECT(isfinite(got));
        worst = fmax(worst, fabs(got - s));
    }
    fprintf(stderr, "  way %d: s within %.2g of float64\n", (int)way, worst);
    EXPECT(worst <= 7e-4 && worst > 1e-6); // half precision's error, and not float32's
    EXPECT(rig_value(frame, 20, 11) == 1); // the reference itself
    for (int k = 0; k < D; k++)
        EXPECT(frame->vector[k] == o.r[k]); // from host memory, to the bit
    rig_free(frame);
}

static void test_similarities_are_within_what_half_precision_allows(void)
{
    for (int way = FL_WAY_FRAGMENT; way < FL_WAYS; way++) {
        struct fl_tuning tuning = {.way = (enum fl_way)way};
        struct rig rig = rig_open_as(&tuning, &(struct fl_gpu_options){.half = true});
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            struct fl_map *map = make(300, is_signed != 0);
            check_similarity(&rig, map, (enum fl_way)way);
            fl_map_unref(map);
        }
        rig_close(&rig);
    }
}

static void test_a_map_takes_half_of_the_memory(void)
{
    // 41 x 23 cells of 8 groups: 16 or 8 bytes each, and 12 for norms and passes
    const uint64_t whole = (uint64_t)W * H * (8 * 16 + 12), half = (uint64_t)W * H * (8 * 8 + 12);
    struct fl_map *map = make(1, false);
    struct fl_render render = rig_render(map, 0, 0);

    for (int way = 0; way < 3; way++) {
        struct fl_gpu_options options = {.memory = way < 2 ? half : whole - 1, .half = way == 0};
        struct rig rig = rig_open_as(NULL, &options);
        struct fl_frame *frame = rig_try(&rig, map, NULL, &render);
        EXPECT_INT(frame->error.code, way == 0 ? FL_OK : FL_ERR_TOO_BIG);
        rig_free(frame);
        rig_close(&rig);
    }
    fl_map_unref(map);
}

static void test_values_that_half_precision_cannot_hold_stay_float32(void)
{
    static const float largest[] = {70000, 1e30F, 1e-3F};
    struct rig rig = rig_open_as(NULL, &(struct fl_gpu_options){.half = true});

    for (int k = 0; k < 3; k++) {
        struct fl_map *map = make(largest[k], false);
        struct fl_frame *frame = channel_of(&rig, map, 3);
        for (int i = 0; i < W * H; i++)
            EXPECT(rig_value(frame, i % W, i / W) == vector_of(map, i)[3]);
        rig_free(frame);
        fl_map_unref(map);
    }
    rig_close(&rig);
}

static void test_the_software_engine_takes_values_as_they_are(void)
{
    struct fl_gpu_options options = {.which = "auto", .software = true, .half = true};
    struct fl_tuning tuning = {.choice = FL_ENGINE_SOFT};
    struct fl_mailbox *done = fl_mailbox_create();
    struct fl_gpu *gpu = fl_gpu_create_tuned(&options, &tuning, rig_on_done, done, NULL);
    struct fl_map *map = make(9, true);
    struct rig rig = {.gpu = gpu, .done = done};
    struct fl_frame *frame = channel_of(&rig, map, 7);

    for (int i = 0; i < W * H; i++)
        EXPECT(rig_value(frame, i % W, i / W) == vector_of(map, i)[7]);
    rig_free(frame);
    fl_map_unref(map);
    fl_gpu_destroy(gpu);
    fl_mailbox_destroy(done);
}

int main(void)
{
    RUN(test_channels_are_rounded_to_eleven_bits);
    RUN(test_similarities_are_within_what_half_precision_allows);
    RUN(test_a_map_takes_half_of_the_memory);
    RUN(test_values_that_half_precision_cannot_hold_stay_float32);
    RUN(test_the_software_engine_takes_values_as_they_are);
    return 0;
}
