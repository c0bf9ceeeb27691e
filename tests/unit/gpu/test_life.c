// The thread and what it owns: order, uploads between renders, the budget, a lost context, frames
// that need no GPU.
#include "rig.h"

#include "server/data/picture.h"

#include <stdatomic.h>

enum { D = 8 };

static float pattern(int32_t seed, size_t i)
{
    return (float)((i * 37 + (size_t)seed * 101) % 97) / 97 + 0.01F;
}

static struct fl_map *make_map(int32_t seed, int32_t w, int32_t h)
{
    size_t n = (size_t)w * (size_t)h * D;
    float *values = malloc(n * sizeof *values);

    EXPECT(values != NULL);
    for (size_t i = 0; i < n; i++)
        values[i] = pattern(seed, i);
    struct fl_map *map = rig_map(values, w, h, D);
    free(values);
    return map;
}

// Whether the frame shows this map: channel 3 is told bit for bit.
static void expect_shows(const struct fl_frame *frame, int32_t seed)
{
    if (frame->error.code)
        fprintf(stderr, "  %s\n", frame->error.text);
    EXPECT(!frame->error.code);
    for (int32_t i = 0; i < frame->w * frame->h; i++)
        EXPECT(rig_value(frame, i % frame->w, i / frame->w) == pattern(seed, (size_t)i * D + 3));
}

static struct fl_render channel_three(const struct fl_map *map)
{
    struct fl_render render = rig_render(map, 0, 0);

    render.mode = FL_MODE_CHANNEL;
    render.channel = 3;
    return render;
}

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
    struct fl_render several = rig_render(map, 0, 0), region = rig_render(map, 0, 0);
    struct fl_render negative = rig_render(map, 0, 0);
    const struct fl_render *refused[] = {&several, &region, &negative};

    several.n_refs = 2;
    several.refs[1].sign = 1;
    region.n_refs = 0;
    region.has_region = true;
    negative.refs[0].sign = -1;
    for (int i = 0; i < 3; i++) {
        struct fl_frame *frame = rig_try(&rig, map, NULL, refused[i]);
        EXPECT_INT(frame->error.code, FL_ERR_UNSUPPORTED);
        EXPECT(frame->pixels == NULL);
        EXPECT(frame->us_render > 0 && frame->us_rendered >= frame->us_render);
        rig_free(frame);
    }
    fl_map_unref(map);
    rig_close(&rig);
}

static void test_a_reference_without_a_direction_has_a_vector_and_no_picture(void)
{
    float values[4][D] = {{0}, {1, 2}, {3, 4}, {NAN, 1}};
    struct rig rig = rig_open(NULL, 0);
    struct fl_map *map = rig_map(&values[0][0], 2, 2, D);
    static const int32_t cells[][2] = {{0, 0}, {1, 1}, {-1, 0}, {2, 1}};

    for (int i = 0; i < 4; i++) {
        bool inside = i < 2;
        struct fl_render render = rig_render(map, cells[i][0], cells[i][1]);
        for (int output = FL_OUT_LEVELS; output <= FL_OUT_VALUES; output++) {
            render.output = (enum fl_output)output;
            render.picture = FL_UNDER_NONE;
            struct fl_frame *frame = rig_draw(&rig, map, &render);
            EXPECT(frame->invalid_ref);
            EXPECT(isnan(frame->lo) && isnan(frame->hi) && isnan(frame->range[0]));
            EXPECT_INT(frame->best[0], -1);
            EXPECT((frame->vector != NULL) == inside);
            if (inside)
                EXPECT(memcmp(frame->vector, values[3 * i], sizeof values[0]) == 0);
            EXPECT((frame->pixels != NULL) == (output == FL_OUT_VALUES));
            for (int k = 0; output == FL_OUT_VALUES && k < 4; k++)
                EXPECT(isnan(rig_value(frame, k % 2, k / 2)));
            rig_free(frame);
        }
    }
    fl_map_unref(map);
    rig_close(&rig);
}

static void test_a_map_over_the_budget_is_refused_with_both_figures(void)
{
    struct rig rig = rig_open(NULL, 100000);
    struct fl_map *large = make_map(1, 64, 64), *small = make_map(2, 20, 20);
    struct fl_render render = channel_three(large);
    struct fl_frame *frame = rig_try(&rig, large, NULL, &render);

    EXPECT_INT(frame->error.code, FL_ERR_TOO_BIG);
    fprintf(stderr, "  %s\n", frame->error.text);
    EXPECT(strstr(frame->error.text, "needs 180 kB") != NULL); // 64 * 64 * (32 + 12) bytes
    EXPECT(strstr(frame->error.text, "and 100 kB are set aside") != NULL);
    rig_free(frame);
    render = channel_three(small);
    frame = rig_try(&rig, small, NULL, &render);
    expect_shows(frame, 2);
    rig_free(frame);
    fl_map_unref(large);
    fl_map_unref(small);
    rig_close(&rig);
}

static void test_maps_unused_for_the_longest_make_room(void)
{
    enum { MAPS = 6 };
    // 20 x 20 cells take 400 * (32 + 12) bytes: three maps fit, and the norms of one.
    struct rig rig = rig_open(NULL, 55000);
    struct fl_map *maps[MAPS];

    for (int i = 0; i < MAPS; i++)
        maps[i] = make_map(i, 20, 20);
    for (int turn = 0; turn < 40; turn++) {
        int at = turn * 7 % MAPS;
        struct fl_render render = channel_three(maps[at]);
        struct fl_frame *frame = rig_try(&rig, maps[at], NULL, &render);
        expect_shows(frame, at);
        rig_free(frame);
        render = rig_render(maps[at], 3, 3);
        render.metric = turn % 2 ? FL_METRIC_PEARSON : FL_METRIC_ANGULAR;
        frame = rig_draw(&rig, maps[at], &render);
        EXPECT(rig_value(frame, 3, 3) == 1);
        rig_free(frame);
    }
    for (int i = 0; i < MAPS; i++)
        fl_map_unref(maps[i]);
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

// A large map goes up in slices; frames of the map that is there already do not wait for all of it.
static void test_an_upload_does_not_keep_others_waiting(void)
{
    struct fl_tuning tuning = {.limits = {.slice = 4096}};
    struct rig rig = rig_open(&tuning, 0);
    struct fl_map *small = make_map(1, 8, 8), *large = make_map(2, 400, 300);
    struct fl_render quick = channel_three(small), slow = channel_three(large);

    rig_free(rig_draw(&rig, small, &quick));
    rig_send(&rig, large, NULL, &slow); // about a thousand slices
    for (int i = 0; i < 20; i++)
        rig_send(&rig, small, NULL, &quick);
    for (int i = 0; i < 21; i++) {
        struct fl_frame *frame = rig_take(&rig);
        EXPECT(frame->map == (i < 20 ? small : large));
        expect_shows(frame, i < 20 ? 1 : 2);
        rig_free(frame);
    }
    fl_map_unref(small);
    fl_map_unref(large);
    rig_close(&rig);
}

static void test_a_hundred_loads_while_rendering(void)
{
    struct fl_tuning tuning = {.limits = {.slice = 8192, .tile = 65536}, .ring = true};
    struct rig rig = rig_open(&tuning, 400000); // a few maps of 45 kB to 110 kB at once
    struct fl_map *steady = make_map(1000, 16, 16);
    struct fl_render hover = channel_three(steady);
    int sent = 0, loaded = 0;

    for (int i = 0; i < 100; i++) {
        struct fl_map *map = make_map(i, 32 + i % 19, 32);
        struct fl_render render = channel_three(map);
        rig_send(&rig, map, NULL, &render);
        rig_send(&rig, steady, NULL, &hover);
        sent += 2;
        fl_map_unref(map); // the frame has its own reference
        for (int k = 0; sent > 6 && k < 2; k++, sent--) {
            struct fl_frame *frame = rig_take(&rig);
            bool is_steady = frame->map == steady;
            expect_shows(frame, is_steady ? 1000 : loaded);
            loaded += !is_steady;
            rig_free(frame);
        }
    }
    for (; sent > 0; sent--) {
        struct fl_frame *frame = rig_take(&rig);
        bool is_steady = frame->map == steady;
        expect_shows(frame, is_steady ? 1000 : loaded);
        loaded += !is_steady;
        rig_free(frame);
    }
    EXPECT_INT(loaded, 100);
    fl_map_unref(steady);
    rig_close(&rig);
}

// What is kept between frames must not outlive what it was made of.
static void test_the_same_render_of_another_map_is_another_picture(void)
{
    struct rig rig = rig_open(NULL, 0);

    for (int i = 0; i < 12; i++) {
        struct fl_map *map = make_map(i, 10, 10); // likely at the address of the last one
        for (int again = 0; again < 2; again++) {
            struct fl_render render = channel_three(map);
            struct fl_frame *frame = rig_draw(&rig, map, &render);
            expect_shows(frame, i);
            rig_free(frame);
        }
        fl_map_unref(map);
    }
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
        for (int i = 0; i < 10; i++) {
            struct fl_frame *frame = rig_take(&rig);
            if (frame->error.code) {
                EXPECT_INT(frame->error.code, FL_ERR_GPU);
                EXPECT(strstr(frame->error.text, "reset") != NULL);
                EXPECT(frame->pixels == NULL);
                failed++;
            } else {
                expect_shows(frame, 9);
                drawn++;
            }
            rig_free(frame);
        }
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
    for (int i = 0; i < 10; i++) {
        struct fl_frame *frame = rig_take(&rig);
        expect_shows(frame, 3);
        rig_free(frame);
    }
    fl_mailbox_destroy(rig.done);
    fl_map_unref(map);
}

int main(void)
{
    RUN(test_norms_follow_metric_and_origin);
    RUN(test_the_renderer_says_what_it_is);
    RUN(test_what_cannot_be_computed_is_refused_in_words);
    RUN(test_a_reference_without_a_direction_has_a_vector_and_no_picture);
    RUN(test_a_map_over_the_budget_is_refused_with_both_figures);
    RUN(test_maps_unused_for_the_longest_make_room);
    RUN(test_frames_of_one_map_come_back_in_their_order);
    RUN(test_an_upload_does_not_keep_others_waiting);
    RUN(test_a_hundred_loads_while_rendering);
    RUN(test_the_same_render_of_another_map_is_another_picture);
    RUN(test_after_a_reset_the_maps_are_uploaded_again);
    RUN(test_what_was_sent_is_finished_before_the_end);
    return 0;
}
