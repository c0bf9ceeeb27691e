#define LOG_MODULE "gpu"
#include "gpu.h"

#include "answer.h"
#include "engine.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/thread.h"
#include "server/data/map.h"
#include "tuned.h"

#include <string.h>

// The thread's turns: take what has come; hand back what is finished; draw the first frame that can
// be; upload one slice for the first that cannot. It waits only when nothing of this is left to do.

static const uint64_t A_MOMENT = 1000000; // nanoseconds to wait for the GPU before looking around
static const uint64_t RETRY_AFTER = 2000000; // microseconds between two attempts to get it back

struct fl_gpu {
    fl_frame_fn done;
    void *user;                     // borrowed
    struct fl_gpu_options options;  // which: owned
    const struct fl_tuning *tuning; // borrowed, or NULL
    struct fl_mailbox *inbox;
    struct fl_mailbox *started; // one message: the engine was made, or not
    struct fl_thread *thread;
    struct fl_gpu_info info;     // written before `started`
    struct fl_error start_error; // likewise

    // GPU thread only
    struct fl_engine *engine;  // NULL: lost, and not got back yet
    struct fl_frame **waiting; // owned list of frames in their order
    size_t n_waiting, room;
    uint64_t us_retry; // not before this
};

static void hand_back(struct fl_gpu *gpu, struct fl_frame *frame)
{
    uint64_t now = fl_now_us();

    // A frame that was not drawn has its stamps too.
    if (!frame->us_render)
        frame->us_render = now;
    if (!frame->us_read)
        frame->us_read = now;
    if (!frame->us_rendered)
        frame->us_rendered = now;
    if (frame->error.code) {
        free(frame->pixels);
        frame->pixels = NULL;
    }
    gpu->done(gpu->user, frame);
}

static void remove_waiting(struct fl_gpu *gpu, size_t at)
{
    gpu->n_waiting--;
    memmove(&gpu->waiting[at], &gpu->waiting[at + 1],
            (gpu->n_waiting - at) * sizeof(struct fl_frame *));
}

static void make_room_for_one(struct fl_gpu *gpu)
{
    if (gpu->n_waiting < gpu->room)
        return;
    size_t room = gpu->room ? 2 * gpu->room : 16;
    struct fl_frame **list = fl_calloc(room, sizeof(struct fl_frame *));
    if (gpu->n_waiting > 0)
        memcpy(list, gpu->waiting, gpu->n_waiting * sizeof(struct fl_frame *));
    free(gpu->waiting);
    gpu->waiting = list;
    gpu->room = room;
}

static bool is_gone(struct fl_frame *frame)
{
    if (!fl_map_gone(frame->map))
        return false;
    fl_fail(&frame->error, FL_ERR_GONE,
            "The file of the map \"%s\" shrank or went away; put it back and open the map again.",
            fl_map_facts(frame->map)->name);
    return true;
}

// A frame has come: answered at once where no GPU is needed, else it waits its turn.
static void receive(struct fl_gpu *gpu, struct fl_frame *frame)
{
    bool answered = fl_answer(frame);

    if (is_gone(frame) || answered) {
        hand_back(gpu, frame);
        return;
    }
    make_room_for_one(gpu);
    gpu->waiting[gpu->n_waiting++] = frame;
}

static bool finish_one(struct fl_gpu *gpu, uint64_t nanoseconds)
{
    struct fl_frame *frame = fl_engine_take(gpu->engine, nanoseconds);

    if (frame)
        hand_back(gpu, frame);
    return frame != NULL;
}

static bool draw_one(struct fl_gpu *gpu)
{
    if (!fl_engine_has_room(gpu->engine))
        return false;
    for (size_t i = 0; i < gpu->n_waiting; i++) {
        struct fl_frame *frame = gpu->waiting[i];
        if (!fl_engine_is_ready(gpu->engine, frame))
            continue;
        remove_waiting(gpu, i);
        if (is_gone(frame) || !fl_engine_begin(gpu->engine, frame))
            hand_back(gpu, frame);
        return true;
    }
    return false;
}

static bool upload_one(struct fl_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_waiting; i++) {
        struct fl_frame *frame = gpu->waiting[i];
        if (fl_engine_is_ready(gpu->engine, frame))
            continue;
        if (fl_engine_upload(gpu->engine, frame)) {
            remove_waiting(gpu, i);
            hand_back(gpu, frame);
        }
        return true;
    }
    return false;
}

static void fail_all(struct fl_gpu *gpu)
{
    while (gpu->n_waiting > 0) {
        struct fl_frame *frame = gpu->waiting[0];
        remove_waiting(gpu, 0);
        fl_fail(&frame->error, FL_ERR_GPU,
                "The GPU was reset and is not back yet; try again in a few seconds.");
        hand_back(gpu, frame);
    }
}

// What was being drawn is lost; what waits is drawn by the next engine, which uploads the maps anew
// from host memory.
static void lose_engine(struct fl_gpu *gpu)
{
    struct fl_frame *frame = NULL;

    log_error("the GPU was reset; its context is made anew");
    while ((frame = fl_engine_abandon(gpu->engine))) {
        fl_fail(&frame->error, FL_ERR_GPU, "The GPU was reset while this was drawn; try again.");
        hand_back(gpu, frame);
    }
    fl_engine_destroy(gpu->engine);
    gpu->engine = NULL;
    gpu->us_retry = fl_now_us();
}

static bool get_engine(struct fl_gpu *gpu)
{
    struct fl_error error = {0};

    if (gpu->engine || fl_now_us() < gpu->us_retry)
        return gpu->engine != NULL;
    gpu->engine = fl_engine_create(&gpu->options, gpu->tuning, &error);
    gpu->us_retry = fl_now_us() + RETRY_AFTER;
    if (!gpu->engine)
        log_error("%s", error.text);
    return gpu->engine != NULL;
}

// One turn. False: there was nothing to do.
static bool work(struct fl_gpu *gpu)
{
    if (!get_engine(gpu)) {
        fail_all(gpu);
        return false;
    }
    if (fl_engine_is_lost(gpu->engine)) {
        lose_engine(gpu);
        return true;
    }
    if (finish_one(gpu, 0))
        return true;
    // A slice after every frame, so that a stream of frames does not keep a map from being uploaded.
    bool drawn = draw_one(gpu), uploaded = upload_one(gpu);
    if (drawn || uploaded)
        return true;
    if (!fl_engine_is_busy(gpu->engine))
        return false;
    finish_one(gpu, A_MOMENT);
    return true;
}

static void run_frames(struct fl_gpu *gpu)
{
    struct fl_frame *frame = NULL;

    for (;;) {
        while ((frame = fl_mailbox_poll(gpu->inbox)))
            receive(gpu, frame);
        if (work(gpu))
            continue;
        frame = fl_mailbox_take(gpu->inbox); // nothing is drawn, uploaded or waiting
        if (!frame)
            return;
        receive(gpu, frame);
    }
}

static void run(void *user)
{
    struct fl_gpu *gpu = user;

    gpu->engine = fl_engine_create(&gpu->options, gpu->tuning, &gpu->start_error);
    if (gpu->engine)
        fl_engine_describe(gpu->engine, &gpu->info);
    bool ok = gpu->engine != NULL;
    fl_mailbox_put(gpu->started, gpu); // from here on the other thread may read info
    if (ok)
        run_frames(gpu);
    fl_engine_destroy(gpu->engine);
    gpu->engine = NULL;
}

struct fl_gpu *fl_gpu_create_tuned(const struct fl_gpu_options *options,
                                   const struct fl_tuning *tuning, fl_frame_fn done, void *user,
                                   struct fl_error *error)
{
    struct fl_gpu *gpu = fl_new(struct fl_gpu);

    gpu->done = done;
    gpu->user = user;
    gpu->options = *options;
    gpu->options.which = strdup(options->which ? options->which : "auto");
    gpu->tuning = tuning;
    gpu->inbox = fl_mailbox_create();
    gpu->started = fl_mailbox_create();
    gpu->thread = fl_thread_start("gpu", run, gpu);
    fl_mailbox_take(gpu->started);
    if (!gpu->start_error.code)
        return gpu;
    if (error)
        *error = gpu->start_error;
    fl_gpu_destroy(gpu);
    return NULL;
}

struct fl_gpu *fl_gpu_create(const struct fl_gpu_options *options, fl_frame_fn done, void *user,
                             struct fl_error *error)
{
    return fl_gpu_create_tuned(options, NULL, done, user, error);
}

void fl_gpu_destroy(struct fl_gpu *gpu)
{
    if (!gpu)
        return;
    fl_mailbox_close(gpu->inbox);
    fl_thread_join(gpu->thread);
    fl_mailbox_destroy(gpu->inbox);
    fl_mailbox_destroy(gpu->started);
    free((void *)(uintptr_t)gpu->options.which);
    free(gpu->waiting);
    free(gpu);
}

const struct fl_gpu_info *fl_gpu_info(const struct fl_gpu *gpu)
{
    return &gpu->info;
}

void fl_gpu_send(struct fl_gpu *gpu, struct fl_frame *frame)
{
    fl_mailbox_put(gpu->inbox, frame);
}
