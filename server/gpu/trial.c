#define LOG_MODULE "similarity"
#include "trial.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/data/map.h"

#include <stdio.h>

static const uint64_t LEAST = 1 << 20;    // bytes: less tells nothing
static const uint64_t ENOUGH = 32 << 20;  // bytes: more tells no more
static const uint64_t BUDGET = 50000;     // microseconds for all of it
static const uint64_t NEVER = UINT64_MAX; // microseconds of a way that cannot be gone
static const uint64_t ONE_SECOND = 1000000000;

enum { ROUNDS = 8, READING = 0 }; // ways begin at 1

static const char *const names[FL_WAYS] = {"reading once", "fragment", "compute8", "compute16"};

struct trial {
    struct fl_similarity *similarity;
    struct fl_similarity_task task;
    struct fl_features features; // the first tiles of the map's
    const struct fl_raster *out;
    const float *values; // as many, in host memory; or NULL
    size_t n;
    uint64_t best[FL_WAYS]; // microseconds
    volatile uint64_t sum;  // so that reading is not optimised away
};

bool fl_trial_fits(const struct fl_similarity *self, const struct fl_similarity_task *task)
{
    const struct fl_features *features = task->features;

    return task->form == FL_FORM_CHORD && task->shift != FL_SHIFT_RASTER &&
           fl_chords_most(&self->chords, features, task->has_negative) > 0 &&
           fl_features_bytes(features->w, features->h, features->d) >= LEAST;
}

static void read_once(struct trial *trial)
{
    enum { LANES = 16 };
    const uint32_t *words = (const void *)trial->values;
    uint32_t lanes[LANES] = {0};

    for (size_t i = 0; i + LANES <= trial->n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += words[i + k];
    for (size_t k = 0; k < LANES; k++)
        trial->sum += lanes[k];
}

static bool draw_and_wait(struct trial *trial, enum fl_way way)
{
    trial->similarity->way = way;
    if (!fl_similarity_draw(trial->similarity, &trial->task, trial->out))
        return false;
    GLsync fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    GLenum done = glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, ONE_SECOND);
    glDeleteSync(fence);
    return done == GL_ALREADY_SIGNALED || done == GL_CONDITION_SATISFIED;
}

static void time_way(struct trial *trial, int way)
{
    uint64_t begin = fl_now_us();
    bool done = true;

    if (way == READING)
        read_once(trial);
    else
        done = draw_and_wait(trial, (enum fl_way)way);
    uint64_t took = fl_now_us() - begin;
    if (!done)
        trial->best[way] = NEVER;
    else if (took < trial->best[way])
        trial->best[way] = took;
}

static bool can(const struct trial *trial, int way)
{
    return trial->best[way] != NEVER;
}

// Round by round, so that what else the machine does slows all alike.
static void time_all(struct trial *trial)
{
    uint64_t begin = 0;

    for (int way = 0; way < FL_WAYS; way++) { // warms up: programs are made
        trial->best[way] = NEVER - 1;
        if (way == READING && !trial->values)
            trial->best[way] = NEVER;
        else
            time_way(trial, way);
        trial->best[way] = can(trial, way) ? NEVER - 1 : NEVER;
    }
    begin = fl_now_us();
    for (int round = 0; round < ROUNDS && (round == 0 || fl_now_us() - begin < BUDGET); round++)
        for (int way = 0; way < FL_WAYS; way++)
            if (can(trial, way))
                time_way(trial, way);
}

// A software renderer draws while its caller goes on, but computes inside the call: computing must be
// clearly faster there.
static enum fl_way fastest(const struct trial *trial)
{
    enum fl_way best = FL_WAY_FRAGMENT;
    double limit = (double)trial->best[best];

    if (trial->similarity->chords.limits.software)
        limit *= 0.9;
    for (int way = FL_WAY_COMPUTE8; way < FL_WAYS; way++) {
        if (!can(trial, way) || (double)trial->best[way] >= limit)
            continue;
        best = (enum fl_way)way;
        limit = (double)trial->best[way];
    }
    return best;
}

static void tell(const struct trial *trial, enum fl_way chosen)
{
    char text[256];
    int at = 0, size = sizeof text;

    text[0] = 0;
    for (int i = 1; i <= FL_WAYS; i++) {
        int way = i % FL_WAYS; // reading last
        if (can(trial, way) && at < size)
            at += snprintf(text + at, (size_t)(size - at), "%s%s %.2f ms",
                           at == 0          ? ""
                           : way == READING ? "; "
                                            : ", ",
                           names[way], (double)trial->best[way] / 1000);
    }
    log_info("%s (%.1f MB); %s it is", text, (double)trial->n * 4e-6, names[chosen]);
}

// As many tiles as are enough, at least one.
static void choose_tiles(struct trial *trial)
{
    uint64_t bytes = 0;
    size_t tiles = 0;

    for (; tiles < trial->features.n_tiles && bytes < ENOUGH; tiles++) {
        const struct fl_rect *rect = &trial->features.tiles[tiles].rect;
        bytes += fl_features_bytes(rect->w, rect->h, trial->features.d);
    }
    trial->features.n_tiles = tiles;
    trial->n = (size_t)(bytes / 4);
}

void fl_trial_run(struct fl_similarity *self, const struct fl_similarity_task *task,
                  const struct fl_map *map, const struct fl_raster *out)
{
    struct trial trial = {
        .similarity = self, .task = *task, .features = *task->features, .out = out};
    uint64_t passes = self->passes, chords = self->chords.passes;
    size_t all = (size_t)task->features->w * (size_t)task->features->h;

    choose_tiles(&trial);
    trial.task.features = &trial.features;
    // Of hardware the host's memory tells nothing; and padded channels are not in the file.
    if (self->chords.limits.software && trial.n <= all * (size_t)task->features->d)
        trial.values = fl_map_rows(map, 0);
    time_all(&trial);
    self->way = fastest(&trial);
    self->passes = passes; // these were for nobody
    self->chords.passes = chords;
    tell(&trial, self->way);
}
