#define LOG_MODULE "gpu"
#include "gpu_inner.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/data/references.h"

// The thread's turns: draw what the software engine can, where there is one; hand back what is finished;
// draw the first frame that can be; upload one slice for the first that cannot. It waits only when
// nothing of this is left to do.

static const uint64_t A_MOMENT = 1000000; // nanoseconds to wait for the GPU before looking around
enum { LEAD = 4 }; // frames before the end of a batch at which the next may come
static const uint64_t RETRY_AFTER = 2000000; // microseconds between two attempts to get it back

// What a paced frame kept back may come.
static void unpace(struct fl_gpu *gpu, struct fl_frame *frame)
{
    if (!frame->paced)
        return;
    frame->paced = false;
    if (atomic_fetch_sub(&gpu->ahead, 1) == 1 && atomic_exchange(&gpu->asked, false) &&
        gpu->options.room)
        gpu->options.room(gpu->user);
}

static void hand_back(struct fl_gpu *gpu, struct fl_frame *frame)
{
    uint64_t now = fl_now_us();

    unpace(gpu, frame);
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
    if (!frame->render.has_region) { // points are quickly made again
        fl_references_unref(frame->references);
        frame->references = NULL;
    }
    gpu->done(gpu->user, frame);
}

static bool is_gone(struct fl_frame *frame)
{
    const struct fl_map *map = frame->from && fl_map_gone(frame->from) ? frame->from : frame->map;

    if (!fl_map_gone(map))
        return false;
    fl_fail(&frame->error, FL_ERR_GONE,
            "The file of the map \"%s\" shrank or went away; put it back and open the map again.",
            fl_map_facts(map)->name);
    return true;
}

static bool waits_for(const struct fl_waiting *waiting, const struct fl_map *map)
{
    for (size_t i = 0; i < waiting->n; i++)
        if (waiting->frames[i]->map == map)
            return true;
    return false;
}

void fl_gpu_forget_maps(struct fl_gpu *gpu)
{
    for (size_t i = gpu->doomed.n; i-- > 0;) {
        struct fl_map *map = gpu->doomed.frames[i]->map;
        if (waits_for(&gpu->waiting, map) || waits_for(&gpu->soft_waiting, map))
            continue;
        if (gpu->engine)
            fl_engine_forget(gpu->engine, map);
        if (gpu->soft)
            fl_soft_forget(gpu->soft, map);
        free(fl_waiting_remove(&gpu->doomed, i));
        fl_map_unref(map);
    }
}

void fl_gpu_receive(struct fl_gpu *gpu, struct fl_frame *frame)
{
    if (frame->forget) {
        fl_waiting_push(&gpu->doomed, frame);
        fl_gpu_forget_maps(gpu);
        return;
    }
    bool answered = fl_answer(&gpu->answers, frame);

    if (is_gone(frame) || answered) {
        hand_back(gpu, frame);
        return;
    }
    fl_waiting_push(gpu->soft && fl_soft_can(frame) ? &gpu->soft_waiting : &gpu->waiting, frame);
}

static void finish_soft(void *user, struct fl_frame *frame)
{
    is_gone(frame); // what was read of a file that shrank are zeros
    hand_back(user, frame);
}

// The first frame for the software engine, and all that the same pass serves.
static bool draw_soft(struct fl_gpu *gpu)
{
    struct fl_waiting *waiting = &gpu->soft_waiting;
    struct fl_frame *frames[FL_SOFT_MOST];
    size_t n = 0, vectors = 0;

    for (size_t i = 0; i < waiting->n && n < gpu->batch && vectors < FL_SOFT_MOST;) {
        size_t more = fl_answer_vectors(waiting->frames[i]);
        if (n == 0 ||
            (vectors + more <= FL_SOFT_MOST && fl_soft_together(frames[0], waiting->frames[i]))) {
            frames[n++] = fl_waiting_remove(waiting, i);
            vectors += more > 0 ? more : FL_SOFT_MOST;
        } else {
            i++;
        }
    }
    if (n == 0)
        return false;
    for (size_t i = n > LEAD ? n - LEAD : 0; i < n; i++)
        unpace(gpu, frames[i]);
    fl_soft_draw(gpu->soft, frames, n, finish_soft, gpu);
    return true;
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
    for (size_t i = 0; i < gpu->waiting.n; i++) {
        struct fl_frame *frame = gpu->waiting.frames[i];
        if (!fl_engine_is_ready(gpu->engine, frame))
            continue;
        size_t n = gpu->waiting.n - i;
        fl_engine_compare(gpu->engine, gpu->waiting.frames + i, n < gpu->batch ? n : gpu->batch);
        fl_waiting_remove(&gpu->waiting, i);
        unpace(gpu, frame);
        bool drawn = !is_gone(frame) && fl_engine_begin(gpu->engine, frame);
        atomic_store(&gpu->passes, fl_engine_passes(gpu->engine));
        if (!drawn)
            hand_back(gpu, frame);
        return true;
    }
    return false;
}

// For the first frame in the list, if that is what it waits for. Behind one that only waits to be
// drawn nothing is uploaded: it could push out the very map that frame needs.
static bool upload_one(struct fl_gpu *gpu)
{
    struct fl_frame *frame = gpu->waiting.n > 0 ? gpu->waiting.frames[0] : NULL;

    if (!frame || fl_engine_is_ready(gpu->engine, frame))
        return false;
    for (size_t i = 0; i < gpu->waiting.n; i++) // nobody waits for an upload but who needs it
        if (!fl_engine_is_ready(gpu->engine, gpu->waiting.frames[i]))
            unpace(gpu, gpu->waiting.frames[i]);
    if (fl_engine_upload(gpu->engine, frame)) {
        fl_waiting_remove(&gpu->waiting, 0);
        hand_back(gpu, frame);
    }
    return true;
}

static void fail_all(struct fl_gpu *gpu)
{
    while (gpu->waiting.n > 0) {
        struct fl_frame *frame = fl_waiting_remove(&gpu->waiting, 0);
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

// One turn of what needs GL. False: there was nothing to do.
static bool work_gl(struct fl_gpu *gpu)
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
    // Nobody waits: the first frame of all is not held up by it.
    if (!fl_engine_is_busy(gpu->engine))
        return fl_engine_try(gpu->engine);
    finish_one(gpu, A_MOMENT);
    return true;
}

bool fl_gpu_work(struct fl_gpu *gpu)
{
    bool drawn = draw_soft(gpu);

    return work_gl(gpu) || drawn;
}
