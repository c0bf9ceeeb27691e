#define LOG_MODULE "similarity"
#include "trial.h"

#include "budget.h"
#include "resident.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/read_once.h"

#include <stdio.h>
#include <stdlib.h>

static const uint64_t LEAST = 1 << 20;    // bytes: less tells nothing
static const uint64_t ENOUGH = 32 << 20;  // bytes: more tells no more
static const uint64_t BUDGET = 50000;     // microseconds for all of it
static const uint64_t NEVER = UINT64_MAX; // microseconds of a way that cannot be gone
static const uint64_t ONE_SECOND = 1000000000;

enum { ROUNDS = 8, READING = 0 }; // ways begin at 1

static const char *const names[FL_WAYS] = {"reading once", "fragment", "compute8",
                                           "compute16",    "lanes",    "lanes over a buffer"};

struct trial {
    struct fl_similarity *similarity;
    struct fl_similarity_task task;
    struct fl_features features; // the first tiles of the map's
    const struct fl_raster *out;
    const float *values; // as many, in host memory; or NULL
    size_t n;
    uint64_t best[FL_WAYS]; // microseconds
    volatile uint32_t sum;  // so that reading is not optimised away
};

// All ways can draw it, and it is large enough to tell.
static bool fits(const struct fl_similarity *self, const struct fl_resident *resident)
{
    const struct fl_features *features = &resident->features;
    bool has_negative = fl_map_stats(resident->map)->min < 0;

    return fl_resident_ready(resident, FL_NORMS_ZERO) &&
           fl_chords_most(&self->chords, features, has_negative) > 0 &&
           fl_features_bytes(features->w, features->h, features->d, false) >= LEAST;
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
        trial->sum = fl_read_once(trial->values, trial->n);
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

static bool is_left_out(struct trial *trial, int way)
{
    struct fl_lanes *lanes = &trial->similarity->lanes;
    uint64_t bytes = (uint64_t)trial->n * 4;

    if (way == READING)
        return !trial->values;
    if (way < FL_WAY_LANES)
        return false;
    if (lanes->limits.software || !fl_lanes_can(lanes, &trial->task))
        return true;
    return way == FL_WAY_BUFFER && (bytes > fl_budget_left_now(lanes->limits.software) ||
                                    !fl_lanes_mirror(lanes, &trial->features));
}

// Round by round, so that what else the machine does slows all alike.
static void time_all(struct trial *trial)
{
    uint64_t begin = 0;

    for (int way = 0; way < FL_WAYS; way++) { // warms up: programs are made
        trial->best[way] = NEVER - 1;
        if (is_left_out(trial, way))
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
        bytes += fl_features_bytes(rect->w, rect->h, trial->features.d, false);
    }
    trial->features.n_tiles = tiles;
    trial->n = (size_t)(bytes / 4);
}

// The first cell that has a direction; false: none has.
static bool choose_reference(struct fl_similarity_task *task, const struct fl_resident *resident,
                             float *vector)
{
    const float *inverse = fl_map_inverse_norms(resident->map, FL_NORMS_ZERO);
    size_t w = (size_t)resident->features.w, all = w * (size_t)resident->features.h, at = 0;

    while (at < all && !(inverse[at] > 0))
        at++;
    if (at == all)
        return false;
    task->ref[0] = (int32_t)(at % w);
    task->ref[1] = (int32_t)(at / w);
    fl_map_read_vector(resident->map, task->ref[0], task->ref[1], vector);
    for (int32_t c = 0; c < resident->features.d; c++)
        vector[c] *= inverse[at];
    task->vector = vector;
    return true;
}

static void run(struct trial *trial, const struct fl_resident *resident)
{
    struct fl_similarity *self = trial->similarity;
    uint64_t passes = self->passes, chords = self->chords.passes;
    size_t all = (size_t)resident->features.w * (size_t)resident->features.h;

    choose_tiles(trial);
    trial->task.features = &trial->features;
    // Of hardware the host's memory tells nothing; and padded channels are not in the file.
    if (self->chords.limits.software && trial->n <= all * (size_t)resident->features.d)
        trial->values = fl_map_rows(resident->map, 0);
    time_all(trial);
    fl_features_drop_buffers(&trial->features); // where they are worth it they are made anew
    self->way = fastest(trial);
    self->passes = passes; // these were for nobody
    self->chords.passes = chords;
    tell(trial, self->way);
}

void fl_trial_run(struct fl_similarity *self, const struct fl_resident *resident,
                  const struct fl_limits *limits)
{
    const struct fl_features *features = &resident->features;
    struct trial trial = {
        .similarity = self,
        .task = {.inverse = &resident->norms[FL_NORMS_ZERO].inverse, .form = FL_FORM_CHORD},
        .features = *features,
    };
    struct fl_raster out = {0};

    if (!fits(self, resident))
        return;
    float *vector = malloc((size_t)features->d * sizeof *vector);
    if (vector && choose_reference(&trial.task, resident, vector) &&
        fl_raster_init(&out, features->w, features->h, limits)) {
        trial.task.has_negative = fl_map_stats(resident->map)->min < 0;
        trial.out = &out;
        run(&trial, resident);
    }
    fl_raster_finish(&out);
    free(vector);
}
