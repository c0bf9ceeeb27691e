// The thread and what it owns: order, a lost context, frames that need no GPU.
#include "pattern.h"

#include <stdatomic.h>

static void test_the_renderer_says_what_it_is(void)
{
    struct rig rig = rig_open(NULL, 12345678);
    const struct fl_gpu_info *info = fl_gpu_info(rig.gpu);

    EXPECT(strlen(info->name) > 0 && strlen(info->version) > 0);
    EXPECT(info->budget == 12345678);
    rig_close(&rig);
}

static void test_norms_follow_metric_and_origin(void)
{
    EXPECT_INT(fl_gpu_norms(FL_METRIC_ANGULAR, FL_ORIGIN_ZERO), FL_NORMS_ZERO);
    EXPECT_INT(fl_gpu_norms(FL_METRIC_ANGLE, FL_ORIGIN_MIN), FL_NORMS_MIN);
    EXPECT_INT(fl_gpu_norms(FL_METRIC_L1, FL_ORIGIN_ZERO), FL_NORMS_ZERO);
    EXPECT_INT(fl_gpu_norms(FL_METRIC_PEARSON, FL_ORIGIN_MIN), FL_NORMS_CENTRED);
    EXPECT_INT(fl_gpu_norms(FL_METRIC_MSAM, FL_ORIGIN_ZERO), FL_NORMS_CENTRED);
}

static void test_what_cannot_be_computed_is_refused_in_words(void)
{
    struct rig rig = rig_open(NULL, 0);
    struct fl_map *map = make_map(1, 5, 4);
    struct fl_render negative = rig_render(map, 0, 0);

    negative.refs[0].sign = -1;
    negative.metric = FL_METRIC_L2;
    struct fl_frame *frame = rig_try(&rig, map, NULL, &negative);
    EXPECT_INT(frame->error.code, FL_ERR_RANGE);
    EXPECT(frame->pixels == NULL);
    EXPECT(frame->us_render > 0 && frame->us_rendered >= frame->us_render);
    rig_free(frame);
    fl_map_unref(map);
    rig_close(&rig);
}

// `vector`: what is to come with it, or NULL.
static void expect_nothing(const struct fl_frame *frame, const float *vector)
{
    bool values = frame->render.output == FL_OUT_VALUES;

    EXPECT(frame->invalid_ref);
    EXPECT(isnan(frame->lo) && isnan(frame->hi) && isnan(frame->range[0]));
    EXPECT_INT(frame->best[0], -1);
    EXPECT((frame->vector != NULL) == (vector != NULL));
    for (int k = 0; vector && k < D; k++) {
        bool same = frame->vector[k] == vector[k];
        EXPECT(same || (isnan(frame->vector[k]) && isnan(vector[k])));
    }
    EXPECT((frame->pixels != NULL) == values);
    for (int k = 0; values && k < 4; k++)
        EXPECT(isnan(rig_value(frame, k % 2, k / 2)));
}

static void test_a_reference_without_a_direction_has_a_vector_and_no_picture(void)
{
    float values[4][D] = {{0}, {1, 2}, {3, 4}, {NAN, 1}};
    struct rig rig = rig_open(NULL, 0);
    struct fl_map *map = rig_map(&values[0][0], 2, 2, D);
    static const int32_t cells[][2] = {{0, 0}, {1, 1}, {-1, 0}, {2, 1}};
    const float *vectors[] = {values[0], values[3], NULL, NULL};

    for (int i = 0; i < 4 * 3; i++) {
        struct fl_render render = rig_render(map, cells[i / 3][0], cells[i / 3][1]);
        render.output = (enum fl_output)(i % 3); // levels, colour, values
        render.picture = FL_UNDER_NONE;
        struct fl_frame *frame = rig_draw(&rig, map, &render);
        expect_nothing(frame, vectors[i / 3]);
        rig_free(frame);
    }
    fl_map_unref(map);
    rig_close(&rig);
}

static void test_frames_of_one_map_come_back_in_their_order(void)
{
    struct fl_tuning tuning = {.limits = {.slice = 2048}, .ring = true};
    struct rig rig = rig_open(&tuning, 0);
    struct fl_map *map = make_map(4, 30, 30);

    for (int i = 0; i < 50; i++) {
        struct fl_render render = rig_render(map, i % 30, i / 30);
        rig_send(&rig, map, NULL, &render);
    }
    for (int i = 0; i < 50; i++) {
        struct fl_frame *frame = rig_take(&rig);
        EXPECT(!frame->error.code);
        EXPECT_INT(frame->render.refs[0].i, i % 30);
        EXPECT_INT(frame->render.refs[0].j, i / 30);
        EXPECT(rig_value(frame, i % 30, i / 30) == 1);
        rig_free(frame);
    }
    fl_map_unref(map);
    rig_close(&rig);
}

struct fake {
    atomic_int resets; // how often the context is still to be lost
    atomic_int asked;
};

static unsigned fake_status(void *user)
{
    struct fake *fake = user;
    int left = atomic_load(&fake->resets);

    if (atomic_fetch_add(&fake->asked, 1) % 5 != 4 || left == 0)
        return 0;
    atomic_store(&fake->resets, left - 1);
    return 0x8255; // GL_UNKNOWN_CONTEXT_RESET
}

static bool take_drawn_or_reset(struct rig *rig)
{
    struct fl_frame *frame = rig_take(rig);
    bool drawn = !frame->error.code;

    if (drawn) {
        expect_shows(frame, 9);
    } else {
        EXPECT_INT(frame->error.code, FL_ERR_GPU);
        EXPECT(strstr(frame->error.text, "reset") != NULL);
        EXPECT(frame->pixels == NULL);
    }
    rig_free(frame);
    return drawn;
}

static void test_after_a_reset_the_maps_are_uploaded_again(void)
{
    struct fake fake = {0};
    struct fl_tuning tuning = {
        .limits = {.slice = 4096}, .ring = true, .reset_status = fake_status, .user = &fake};
    struct rig rig = rig_open(&tuning, 0);
    struct fl_map *map = make_map(9, 40, 30);
    struct fl_render render = channel_three(map);
    int drawn = 0, failed = 0;

    for (int round = 0; round < 4; round++) {
        atomic_store(&fake.resets, 1);
        for (int i = 0; i < 10; i++)
            rig_send(&rig, map, NULL, &render);
        for (int i = 0; i < 10; i++)
            *(take_drawn_or_reset(&rig) ? &drawn : &failed) += 1;
        EXPECT_INT(atomic_load(&fake.resets), 0);
    }
    fprintf(stderr, "  %d drawn, %d failed\n", drawn, failed);
    EXPECT(failed <= 4 * 3); // only what was on its way in the ring
    EXPECT_INT(drawn + failed, 40);
    fl_map_unref(map);
    rig_close(&rig);
}

static void test_what_was_sent_is_finished_before_the_end(void)
{
    struct rig rig = rig_open(NULL, 0);
    struct fl_map *map = make_map(3, 50, 50);
    struct fl_render render = channel_three(map);

    for (int i = 0; i < 10; i++)
        rig_send(&rig, map, NULL, &render);
    fl_gpu_destroy(rig.gpu);
    rig.gpu = NULL;
    for (int i = 0; i < 10; i++) {
        struct fl_frame *frame = rig_take(&rig);
        expect_shows(frame, 3);
        rig_free(frame);
    }
    rig_close(&rig);
    fl_map_unref(map);
}

int main(void)
{
    RUN(test_the_renderer_says_what_it_is);
    RUN(test_norms_follow_metric_and_origin);
    RUN(test_what_cannot_be_computed_is_refused_in_words);
    RUN(test_a_reference_without_a_direction_has_a_vector_and_no_picture);
    RUN(test_frames_of_one_map_come_back_in_their_order);
    RUN(test_after_a_reset_the_maps_are_uploaded_again);
    RUN(test_what_was_sent_is_finished_before_the_end);
    return 0;
}
