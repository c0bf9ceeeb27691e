#define LOG_MODULE "gpu"
#include "gpu_inner.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/data/metric.h"

#include <string.h>

static void run_frames(struct fl_gpu *gpu)
{
    struct fl_frame *frame = NULL;

    for (;;) {
        while ((frame = fl_mailbox_poll(gpu->inbox)))
            fl_gpu_receive(gpu, frame);
        if (fl_gpu_work(gpu))
            continue;
        fl_gpu_forget_maps(gpu);
        // Where C compares, GL draws colours alone.
        if (!gpu->soft && gpu->engine && fl_engine_prepare(gpu->engine))
            continue;
        frame = fl_mailbox_take(gpu->inbox); // nothing is drawn, uploaded or waiting
        if (!frame)
            return;
        fl_gpu_receive(gpu, frame);
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
    fl_gpu_forget_maps(gpu); // nothing waits any more
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
