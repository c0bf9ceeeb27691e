#include "soft_channel.h"

#include "server/base/crew.h"
#include "server/data/map.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

struct work {
    const struct fl_soft_channel *task;
    const struct fl_map_facts *facts;
    const float *inverse; // 1 / |p| of each cell
    float *out;
    atomic_bool failed;
};

static void run_row(void *user, size_t row)
{
    struct work *work = user;
    const struct fl_soft_channel *task = work->task;
    size_t w = (size_t)work->facts->w, d = (size_t)work->facts->d;
    const float *values = task->values ? task->values + row * w * d : NULL;
    const float *inverse = work->inverse + row * w;
    float *out = work->out + row * w, *room = NULL;

    if (task->mode == FL_MODE_NORM) {
        for (size_t i = 0; i < w; i++)
            out[i] = inverse[i] > 0 ? 1 / inverse[i] : NAN;
        return;
    }
    if (!values) {
        room = malloc(w * d * sizeof *room);
        if (!room) {
            atomic_store(&work->failed, true);
            return;
        }
        fl_map_read_rows(task->map, (int32_t)row, 1, room);
        values = room;
    }
    for (size_t i = 0; i < w; i++)
        out[i] = inverse[i] > 0 ? values[i * d + task->channel] : NAN;
    free(room);
}

bool fl_soft_channel_run(struct fl_crew *crew, const struct fl_soft_channel *task, float *out)
{
    struct work work = {
        .task = task,
        .facts = fl_map_facts(task->map),
        .inverse = fl_map_inverse_norms(task->map, FL_NORMS_ZERO),
        .out = out,
    };

    fl_crew_run(crew, (size_t)work.facts->h, run_row, &work);
    return !atomic_load(&work.failed);
}
