#define LOG_MODULE "gpu"
#include "gpu.h"

#include "answer.h"
#include "engine.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/base/thread.h"
#include "server/data/metric.h"
#include "server/data/references.h"
#include "soft.h"
#include "tuned.h"
#include "waiting.h"

#include <stdatomic.h>
#include <string.h>

// The thread's turns: take what has come; draw what the software engine can, where there is one; hand
// back what is finished; draw the first frame that can
// be; upload one slice for the first that cannot. It waits only when nothing of this is left to do.

static const uint64_t A_MOMENT = 1000000; // nanoseconds to wait for the GPU before looking around
enum { LEAD = 4 }; // frames before the end of a batch at which the next may come
static const uint64_t RETRY_AFTER = 2000000; // microseconds between two attempts to get it back

struct fl_gpu {
    fl_frame_fn done;
    void *user;                     // borrowed
    struct fl_gpu_options options;  // which: points to
    char *which;                    // this, owned
    const struct fl_tuning *tuning; // borrowed, or NULL
    size_t batch;                   // most frames that one pass serves
    struct fl_mailbox *inbox;
    struct fl_mailbox *started; // one message: the engine was made, or not
    struct fl_thread *thread;
    struct fl_gpu_info info;     // written before `started`
    struct fl_error start_error; // likewise
    atomic_ullong passes;        // as the engine counts them
    atomic_uint ahead;           // paced frames that were sent and are not begun
    atomic_bool asked;           // somebody waits for there to be none

    // GPU thread only
    struct fl_engine *engine;  // NULL: lost, and not got back yet
    struct fl_soft *soft;      // owned; NULL: GL draws all
    struct fl_waiting waiting; // for GL
    struct fl_waiting soft_waiting;
    struct fl_answers answers;
    struct fl_waiting doomed; // parcels of fl_gpu_forget whose map is still to be drawn
    uint64_t us_retry;        // not before this
};

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

// Maps that nobody will be shown again go, but for those still to be drawn.
static void forget_maps(struct fl_gpu *gpu)
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

// A frame has come: answered at once where no GPU is needed, else it waits its turn.
static void receive(struct fl_gpu *gpu, struct fl_frame *frame)
{
    if (frame->forget) {
        fl_waiting_push(&gpu->doomed, frame);
        forget_maps(gpu);
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
    if (!fl_engine_is_busy(
            gpu->engine)) // nobody waits: the first frame of all is not held up by it
        return fl_engine_try(gpu->engine);
    finish_one(gpu, A_MOMENT);
    return true;
}

// One turn. False: there was nothing to do.
static bool work(struct fl_gpu *gpu)
{
    bool drawn = draw_soft(gpu);

    return work_gl(gpu) || drawn;
}

static void run_frames(struct fl_gpu *gpu)
{
    struct fl_frame *frame = NULL;

    for (;;) {
        while ((frame = fl_mailbox_poll(gpu->inbox)))
            receive(gpu, frame);
        if (work(gpu))
            continue;
        forget_maps(gpu);
        // Where C compares, GL draws colours alone.
        if (!gpu->soft && gpu->engine && fl_engine_prepare(gpu->engine))
            continue;
        frame = fl_mailbox_take(gpu->inbox); // nothing is drawn, uploaded or waiting
        if (!frame)
            return;
        receive(gpu, frame);
    }
}

static struct fl_soft *choose_soft(const struct fl_gpu *gpu)
{
    enum fl_engine_choice choice = gpu->tuning ? gpu->tuning->choice : FL_ENGINE_BY_DEVICE;

    choice = choice ? choice : gpu->options.engine;
    if (choice == FL_ENGINE_GL || (choice == FL_ENGINE_BY_DEVICE && !gpu->info.software))
        return NULL;
    return fl_soft_create(fl_cores(), gpu->info.budget);
}

static void run(void *user)
{
    struct fl_gpu *gpu = user;

    gpu->engine = fl_engine_create(&gpu->options, gpu->tuning, &gpu->start_error);
    if (gpu->engine)
        fl_engine_describe(gpu->engine, &gpu->info);
    bool ok = gpu->engine != NULL;
    if (ok)
        gpu->soft = choose_soft(gpu);
    fl_mailbox_put(gpu->started, gpu); // from here on the other thread may read info
    if (ok)
        run_frames(gpu);
    forget_maps(gpu); // nothing waits any more
    fl_engine_destroy(gpu->engine);
    gpu->engine = NULL;
    fl_soft_destroy(gpu->soft);
    fl_answers_finish(&gpu->answers);
}

struct fl_gpu *fl_gpu_create_tuned(const struct fl_gpu_options *options,
                                   const struct fl_tuning *tuning, fl_frame_fn done, void *user,
                                   struct fl_error *error)
{
    struct fl_gpu *gpu = fl_new(struct fl_gpu);

    gpu->done = done;
    gpu->user = user;
    gpu->options = *options;
    gpu->which = strdup(options->which ? options->which : "auto");
    gpu->options.which = gpu->which;
    gpu->tuning = tuning;
    gpu->batch = options->batch && options->batch < FL_SOFT_MOST ? options->batch : FL_SOFT_MOST;
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
    free(gpu->which);
    fl_waiting_finish(&gpu->waiting);
    fl_waiting_finish(&gpu->soft_waiting);
    fl_waiting_finish(&gpu->doomed);
    free(gpu);
}

const struct fl_gpu_info *fl_gpu_info(const struct fl_gpu *gpu)
{
    return &gpu->info;
}

uint64_t fl_gpu_passes(const struct fl_gpu *gpu)
{
    return atomic_load(&gpu->passes);
}

bool fl_gpu_has_room(struct fl_gpu *gpu)
{
    if (atomic_load(&gpu->ahead) == 0)
        return true;
    atomic_store(&gpu->asked, true);
    return atomic_load(&gpu->ahead) == 0; // the last may have begun before it could know
}

void fl_gpu_send(struct fl_gpu *gpu, struct fl_frame *frame)
{
    if (frame->paced)
        atomic_fetch_add(&gpu->ahead, 1);
    fl_mailbox_put(gpu->inbox, frame);
}

int fl_gpu_norms(enum fl_metric metric, enum fl_origin origin)
{
    return (int)fl_metric_norms(metric, origin);
}

void fl_gpu_forget(struct fl_gpu *gpu, struct fl_map *map)
{
    struct fl_frame *parcel = fl_new(struct fl_frame);

    parcel->forget = true;
    parcel->map = fl_map_ref(map);
    fl_mailbox_put(gpu->inbox, parcel);
}
