#include "bench.h"

#include "server/base/clock.h"
#include "server/base/median.h"
#include "server/base/mem.h"
#include "server/base/read_once.h"
#include "server/base/thread.h"
#include "server/data/map.h"
#include "tuned.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 9, TOGETHER = FL_MAX_REFS };

static const uint64_t ENOUGH = 3000000; // microseconds for the rounds of one way

// One way of comparing, on a GPU thread of its own.
struct stand {
    struct fl_gpu *gpu;
    struct fl_tuning tuning;
    struct fl_mailbox *done, *go_on;
    atomic_bool holds; // the GPU thread waits behind each frame, until it is told to go on
    struct fl_map *map;
    const float *values;   // of the map, or NULL
    size_t n_values, next; // next: the cell that is compared with next
    volatile uint32_t sum; // so that reading is not optimised away
};

struct rounds { // milliseconds of each
    double floor[ROUNDS], alone[ROUNDS], rest[ROUNDS], together[ROUNDS];
    int n;
};

static void on_done(void *user, struct fl_frame *frame)
{
    struct stand *stand = user;
    bool holds = atomic_load(&stand->holds);

    fl_mailbox_put(stand->done, frame);
    if (holds)
        fl_mailbox_take(stand->go_on);
}

static void drop(struct fl_frame *frame)
{
    fl_map_unref(frame->map);
    free(frame->vector);
    free(frame->pixels);
    free(frame);
}

// The next cell that has a direction.
static struct fl_cell next_cell(struct stand *stand)
{
    const struct fl_map_facts *facts = fl_map_facts(stand->map);
    const float *inverse = fl_map_inverse_norms(stand->map, FL_NORMS_ZERO);
    size_t all = (size_t)facts->w * (size_t)facts->h, at = stand->next;

    for (size_t tries = 0; tries < all; tries++) {
        at = (at + 997) % all;
        if (inverse[at] > 0)
            break;
    }
    stand->next = at;
    return (struct fl_cell){(int32_t)(at % (size_t)facts->w), (int32_t)(at / (size_t)facts->w), 1};
}

static void send(struct stand *stand, struct fl_cell cell, enum fl_stretch_kind stretch)
{
    const struct fl_map_facts *facts = fl_map_facts(stand->map);
    struct fl_frame *frame = fl_new(struct fl_frame);
    struct fl_render *render = &frame->render;

    frame->map = fl_map_ref(stand->map);
    render->refs[0] = cell;
    render->n_refs = 1;
    render->stretch.kind = stretch;
    render->window[2] = render->w = facts->w;
    render->window[3] = render->h = facts->h;
    fl_gpu_send(stand->gpu, frame);
}

// Milliseconds of one frame by its own stamps; NaN: it failed.
static double draw(struct stand *stand, struct fl_cell cell, enum fl_stretch_kind stretch)
{
    send(stand, cell, stretch);
    struct fl_frame *frame = fl_mailbox_take(stand->done);
    double ms = (double)(frame->us_rendered - frame->us_render) / 1000;

    if (frame->error.code || frame->invalid_ref)
        ms = (double)NAN;
    drop(frame);
    return ms;
}

// Milliseconds of several frames that wait at the same moment.
static double draw_together(struct stand *stand)
{
    struct fl_cell cell = next_cell(stand);
    uint64_t last = 0;

    atomic_store(&stand->holds, true);
    send(stand, cell, FL_STRETCH_MINMAX);
    drop(fl_mailbox_take(stand->done));
    for (int k = 0; k < TOGETHER; k++)
        send(stand, next_cell(stand), FL_STRETCH_AROUND);
    atomic_store(&stand->holds, false);
    uint64_t begin = fl_now_us();
    fl_mailbox_put(stand->go_on, stand);
    for (int k = 0; k < TOGETHER; k++) {
        struct fl_frame *frame = fl_mailbox_take(stand->done);
        last = frame->us_rendered > last ? frame->us_rendered : last;
        drop(frame);
    }
    return (double)(last - begin) / 1000;
}

// Milliseconds; NaN where the values do not lie in memory.
static double read_values(struct stand *stand)
{
    uint64_t begin = fl_now_us();

    if (!stand->values)
        return (double)NAN;
    stand->sum = fl_read_once(stand->values, stand->n_values);
    return (double)(fl_now_us() - begin) / 1000;
}

static void go_round(struct stand *stand, struct rounds *rounds)
{
    uint64_t begin = fl_now_us();

    for (int k = -1; k < ROUNDS && (k < 1 || fl_now_us() - begin < ENOUGH); k++) {
        int at = k < 0 ? 0 : k; // the first one warms up
        struct fl_cell cell = next_cell(stand);
        rounds->floor[at] = read_values(stand);
        double whole = draw(stand, cell, FL_STRETCH_AROUND);
        rounds->rest[at] = draw(stand, cell, FL_STRETCH_MINMAX); // the comparison is kept
        rounds->alone[at] = fmax(0, whole - rounds->rest[at]);
        rounds->together[at] = fmax(0, draw_together(stand) - TOGETHER * rounds->rest[at]);
        rounds->n = at + 1;
    }
}

static void note(struct fl_bench *out, const char *what, const double *ms,
                 const struct rounds *rounds)
{
    struct fl_bench_time *time = &out->times[out->n++];
    double floors[ROUNDS];

    for (int k = 0; rounds && k < rounds->n; k++)
        floors[k] = ms[k] / rounds->floor[k];
    (void)snprintf(time->what, sizeof time->what, "%s", what);
    time->ms = rounds ? fl_median(ms, rounds->n) : *ms;
    time->floors = rounds && !isnan(rounds->floor[0]) ? fl_median(floors, rounds->n) : (double)NAN;
}

static enum fl_err open_stand(struct stand *stand, const struct fl_gpu_options *options,
                              struct fl_map *map, struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(map);

    stand->map = map;
    stand->values = fl_map_rows(map, 0);
    stand->n_values = (size_t)(facts->bytes / sizeof(float));
    stand->next = (size_t)facts->w * (size_t)facts->h / 2;
    stand->done = fl_mailbox_create();
    stand->go_on = fl_mailbox_create();
    stand->gpu = fl_gpu_create_tuned(options, &stand->tuning, on_done, stand, error);
    return stand->gpu ? FL_OK : FL_ERR_GPU;
}

static void close_stand(struct stand *stand)
{
    fl_gpu_destroy(stand->gpu);
    fl_mailbox_destroy(stand->done);
    fl_mailbox_destroy(stand->go_on);
}

static void keep_levels(struct stand *stand, struct fl_bench *out)
{
    send(stand, next_cell(stand), FL_STRETCH_AROUND);
    struct fl_frame *frame = fl_mailbox_take(stand->done);

    out->levels = frame->pixels;
    out->w = frame->w;
    out->h = frame->h;
    frame->pixels = NULL;
    drop(frame);
}

struct candidate {
    const char *name; // NULL: of no interest alone
    const char *together, *rest, *first;
    enum fl_engine_choice engine;
    enum fl_way way;
};

static enum fl_err try(const struct candidate *candidate, const struct fl_gpu_options *options,
                       struct fl_map *map, struct fl_bench *out, struct fl_error *error)
{
    struct stand stand = {.tuning = {.choice = candidate->engine, .way = candidate->way}};
    struct rounds rounds = {.n = 0};
    enum fl_err err = open_stand(&stand, options, map, error);

    if (!err) {
        uint64_t begin = fl_now_us();
        draw(&stand, next_cell(&stand), FL_STRETCH_AROUND);
        double first = (double)(fl_now_us() - begin) / 1000;
        go_round(&stand, &rounds);
        out->info = *fl_gpu_info(stand.gpu);
        out->floor_ms = fl_median(rounds.floor, rounds.n);
        note(out, candidate->name, rounds.alone, &rounds);
        if (candidate->together)
            note(out, candidate->together, rounds.together, &rounds);
        if (candidate->rest)
            note(out, candidate->rest, rounds.rest, &rounds);
        if (candidate->first)
            note(out, candidate->first, &first, NULL);
        if (!out->levels)
            keep_levels(&stand, out);
    }
    close_stand(&stand);
    return err;
}

enum fl_err fl_bench_run(const struct fl_gpu_options *options, struct fl_map *map,
                         struct fl_bench *out, struct fl_error *error)
{
    static const struct candidate candidates[] = {
        {"GL fragment, 1 reference", "GL, 16 references in one pass", "GL, a frame after its pass",
         "GL, upload and first frame", FL_ENGINE_GL, FL_WAY_FRAGMENT},
        {.name = "GL compute, 8 pixels, 1 reference",
         .engine = FL_ENGINE_GL,
         .way = FL_WAY_COMPUTE8},
        {.name = "GL compute, 16 pixels, 1 reference",
         .engine = FL_ENGINE_GL,
         .way = FL_WAY_COMPUTE16},
        {"C, 1 reference", "C, 16 references in one pass", "C, a frame after its pass",
         "C, first frame", FL_ENGINE_SOFT, FL_WAY_MEASURED},
    };
    enum fl_err err = FL_OK;

    memset(out, 0, sizeof *out);
    for (size_t k = 0; !err && k < sizeof candidates / sizeof *candidates; k++)
        err = try(&candidates[k], options, map, out, error);
    out->by_c = out->info.software && options->engine != FL_ENGINE_GL;
    return err;
}

void fl_bench_finish(struct fl_bench *bench)
{
    free(bench->levels);
    *bench = (struct fl_bench){0};
}
