// When the GPU thread wants more: paced frames, and who may be sent ahead of them.
#include "rig.h"

#include <stdatomic.h>

enum { W = 24, H = 16, D = 8, FRAMES = 20 };

// Each frame stops the GPU thread in `done` until the test lets it go on.
struct stop {
    struct fl_mailbox *done, *go_on, *room;
    atomic_bool free; // not any more
};

static void on_done(void *user, struct fl_frame *frame)
{
    struct stop *stop = user;

    fl_mailbox_put(stop->done, frame);
    if (!atomic_load(&stop->free))
        fl_mailbox_take(stop->go_on);
}

static void on_room(void *user)
{
    struct stop *stop = user;
    fl_mailbox_put(stop->room, stop);
}

static struct fl_gpu *open_gpu(struct stop *stop, const struct fl_tuning *tuning)
{
    struct fl_gpu_options options = {.which = "auto", .software = true, .room = on_room};
    struct fl_error error = {0};

    stop->done = fl_mailbox_create();
    stop->go_on = fl_mailbox_create();
    stop->room = fl_mailbox_create();
    struct fl_gpu *gpu = fl_gpu_create_tuned(&options, tuning, on_done, stop, &error);
    if (!gpu) {
        fprintf(stderr, "SKIPPED: %s\n", error.text);
        exit(TEST_SKIPPED);
    }
    return gpu;
}

static void close_gpu(struct stop *stop, struct fl_gpu *gpu)
{
    fl_gpu_destroy(gpu);
    while (fl_mailbox_poll(stop->room))
        continue;
    while (fl_mailbox_poll(stop->go_on)) // it came after the GPU thread had looked: not waited for
        continue;
    fl_mailbox_destroy(stop->done);
    fl_mailbox_destroy(stop->go_on);
    fl_mailbox_destroy(stop->room);
}

static struct fl_map *make(void)
{
    static float values[W * H * D];

    for (int i = 0; i < W * H * D; i++)
        values[i] = (float)(i % 7 + i % 3) - 1;
    return rig_map(values, W, H, D);
}

static void send(struct fl_gpu *gpu, struct fl_map *map, int k, bool paced)
{
    struct fl_frame *frame = fl_new(struct fl_frame);

    frame->map = fl_map_ref(map);
    frame->render = rig_render(map, k % W, 3 + k / W);
    frame->paced = paced;
    fl_gpu_send(gpu, frame);
}

static void let_go(struct stop *stop)
{
    atomic_store(&stop->free, true);
    fl_mailbox_put(stop->go_on, stop);
}

static void take(struct stop *stop, int n)
{
    for (int k = 0; k < n; k++) {
        struct fl_frame *frame = fl_mailbox_take(stop->done);
        EXPECT_INT(frame->error.code, FL_OK);
        EXPECT(!frame->paced);
        rig_free(frame);
    }
}

static void check(enum fl_engine_choice choice)
{
    const struct fl_tuning tuning = {.choice = choice};
    struct stop stop = {.done = NULL};
    struct fl_gpu *gpu = open_gpu(&stop, &tuning);
    struct fl_map *map = make();

    EXPECT(fl_gpu_has_room(gpu));
    send(gpu, map, 0, true);
    take(&stop, 1); // and here the GPU thread stands
    EXPECT(fl_gpu_has_room(gpu));
    send(gpu, map, 1, false); // not paced: counts for nothing
    EXPECT(fl_gpu_has_room(gpu));
    for (int k = 2; k < FRAMES; k++)
        send(gpu, map, k, true);
    EXPECT(!fl_gpu_has_room(gpu));
    EXPECT(!fl_mailbox_poll(stop.room));
    let_go(&stop);
    EXPECT(fl_mailbox_take(stop.room)); // comes once the last of them is begun
    EXPECT(fl_gpu_has_room(gpu));
    take(&stop, FRAMES - 1);
    EXPECT(!fl_mailbox_poll(stop.room)); // and only once
    fl_map_unref(map);
    close_gpu(&stop, gpu);
}

static void test_there_is_room_when_the_last_paced_frame_is_begun(void)
{
    check(FL_ENGINE_SOFT);
    check(FL_ENGINE_GL);
}

// A frame that is refused, or answered without being drawn, holds nobody up.
static void test_what_is_not_drawn_makes_room_too(void)
{
    const struct fl_tuning tuning = {.choice = FL_ENGINE_SOFT};
    static float values[W * H * D]; // no vector has a direction
    struct stop stop = {.done = NULL};
    struct fl_gpu *gpu = open_gpu(&stop, &tuning);
    struct fl_map *map = rig_map(values, W, H, D);

    atomic_store(&stop.free, true);
    for (int k = 0; k < FRAMES; k++)
        send(gpu, map, k, true);
    take(&stop, FRAMES);
    EXPECT(fl_gpu_has_room(gpu));
    fl_map_unref(map);
    close_gpu(&stop, gpu);
}

int main(void)
{
    RUN(test_there_is_room_when_the_last_paced_frame_is_begun);
    RUN(test_what_is_not_drawn_makes_room_too);
    return 0;
}
