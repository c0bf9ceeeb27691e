// Maps in GPU memory: the budget, uploads between renders, files that go away.
#include "pattern.h"

#include "server/data/npy.h"

#include <unistd.h>

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

// A large map goes up in slices; frames of the map that is there already do not wait for all of it.
static void test_an_upload_does_not_keep_others_waiting(void)
{
    struct fl_tuning tuning = {.limits = {.slice = 256}};
    struct rig rig = rig_open(&tuning, 0);
    struct fl_map *small = make_map(1, 8, 8), *large = make_map(2, 400, 300);
    struct fl_render quick = channel_three(small), slow = channel_three(large);

    rig_free(rig_draw(&rig, small, &quick));
    rig_send(&rig, large, NULL,
             &slow); // so many slices that this thread may lose its turn meanwhile
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

// A map over an .npy file that the caller may cut; *path is its name.
static struct fl_map *map_file(char *path, int32_t w, int32_t h)
{
    char header[129], dict[96];
    struct fl_map_source source = {0};
    const struct fl_layout_hint hint = {.layout = FL_LAYOUT_HWC};
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;

    EXPECT(file != NULL);
    (void)snprintf(dict, sizeof dict,
                   "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }", h, w, D);
    (void)snprintf(header, sizeof header, "%-117s\n", dict);
    EXPECT(fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, file) == 10);
    EXPECT(fwrite(header, 1, 118, file) == 118);
    for (size_t i = 0; i < (size_t)w * (size_t)h * D; i++) {
        float value = pattern(7, i);
        EXPECT(fwrite(&value, sizeof value, 1, file) == 1);
    }
    EXPECT(fclose(file) == 0);
    EXPECT(fl_npy_open(path, &hint, &source, NULL) == FL_OK);
    struct fl_map *map = fl_map_create("cut", &source, (double[]){0, 0, w, h});
    EXPECT(fl_map_load(map, FL_NORMS_ZERO, NULL) == FL_OK);
    return map;
}

static void test_a_file_that_shrinks_is_said_to_be_gone(void)
{
    char whole_path[] = "/tmp/farlook-whole-XXXXXX", cut_path[] = "/tmp/farlook-cut-XXXXXX";
    struct rig rig = rig_open(NULL, 0);
    struct fl_map *whole = map_file(whole_path, 60, 50), *cut = map_file(cut_path, 60, 50);
    struct fl_render render = channel_three(whole);

    EXPECT(truncate(cut_path, 8192) == 0);
    for (int again = 0; again < 2; again++) {
        struct fl_frame *frame = rig_try(&rig, cut, NULL, &render);
        EXPECT_INT(frame->error.code, FL_ERR_GONE);
        EXPECT(strstr(frame->error.text, "\"cut\" shrank") != NULL);
        EXPECT(frame->pixels == NULL);
        rig_free(frame);
        frame = rig_try(&rig, whole, NULL, &render); // the others go on
        expect_shows(frame, 7);
        rig_free(frame);
    }
    unlink(whole_path);
    unlink(cut_path);
    fl_map_unref(whole);
    fl_map_unref(cut);
    rig_close(&rig);
}

// Two maps that do not fit together, asked for in turn while a third one is looked at.
static void test_maps_that_push_each_other_out_are_all_shown(void)
{
    struct fl_tuning tuning = {.limits = {.slice = 4096}};
    struct rig rig = rig_open(&tuning, 100000); // the third takes 11 kB, the others 70 kB each
    struct fl_map *maps[3] = {make_map(0, 40, 40), make_map(1, 40, 40), make_map(2, 16, 16)};
    int shown[3] = {0};

    for (int i = 0; i < 60; i++) {
        struct fl_map *map = maps[i % 4 < 2 ? i % 4 : 2];
        struct fl_render render = channel_three(map);
        rig_send(&rig, map, NULL, &render);
    }
    for (int i = 0; i < 60; i++) {
        struct fl_frame *frame = rig_take(&rig);
        int at = frame->map == maps[0] ? 0 : frame->map == maps[1] ? 1 : 2;
        expect_shows(frame, at);
        shown[at]++;
        rig_free(frame);
    }
    EXPECT(shown[0] == 15 && shown[1] == 15 && shown[2] == 30);
    for (int i = 0; i < 3; i++)
        fl_map_unref(maps[i]);
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

int main(void)
{
    RUN(test_a_map_over_the_budget_is_refused_with_both_figures);
    RUN(test_maps_unused_for_the_longest_make_room);
    RUN(test_an_upload_does_not_keep_others_waiting);
    RUN(test_a_hundred_loads_while_rendering);
    RUN(test_a_file_that_shrinks_is_said_to_be_gone);
    RUN(test_maps_that_push_each_other_out_are_all_shown);
    RUN(test_the_same_render_of_another_map_is_another_picture);
    return 0;
}
