#include "soft_stats.h"

#include "server/base/crew.h"
#include "server/base/mem.h"
#include "soft_kernels.h"
#include "soft_rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELLS = 8192, // a job
    MOST_JOBS = 1024,
    STEPS = FL_STATS_STEPS,
    CHUNK = 256, // cells whose steps are found together
    BANKS = 4,   // counts side by side: neighbours mostly fall into the same step
};

struct part { // what one job found
    float low, high, low_away, high_away;
    uint32_t valid, best;
    uint32_t hist[STEPS];
};

struct work {
    const struct fl_soft_cells_of *cells;
    const struct fl_reduce_task *task;
    const struct fl_soft_along *along;
    size_t rows; // a job
    struct part *parts;
    struct fl_soft_steps steps; // wanted: the best value away from the references
};

static bool is_in(const int32_t region[4], int32_t i, int32_t j) // or beside it
{
    return region[0] < region[2] && i >= region[0] - 1 && i <= region[2] && j >= region[1] - 1 &&
           j <= region[3];
}

static bool is_away(const struct fl_reduce_task *task, int32_t i, int32_t j)
{
    if (is_in(task->region, i, j))
        return false;
    for (uint32_t k = 0; k < task->n_refs; k++)
        if (abs(i - task->refs[k].i) <= 1 && abs(j - task->refs[k].j) <= 1)
            return false;
    return true;
}

// Whether a reference's block reaches into this row: most rows need not ask for each cell.
static bool is_near_row(const struct fl_reduce_task *task, int32_t j)
{
    for (uint32_t k = 0; k < task->n_refs; k++)
        if (abs(j - task->refs[k].j) <= 1)
            return true;
    return is_in(task->region, task->region[0], j);
}

static const float *row_of(const struct work *work, int32_t j)
{
    return work->cells->values + (size_t)j * (size_t)work->cells->w;
}

static void range_row(const struct work *work, int32_t j, struct part *part)
{
    const float *row = row_of(work, j);
    struct fl_soft_range all = fl_soft_kernels()->range(row, (size_t)work->cells->w);

    part->low = fminf(part->low, all.low);
    part->high = fmaxf(part->high, all.high);
    part->valid += all.valid;
    if (!is_near_row(work->task, j)) {
        part->low_away = fminf(part->low_away, all.low);
        part->high_away = fmaxf(part->high_away, all.high);
        return;
    }
    for (int32_t i = 0; i < work->cells->w; i++)
        if (row[i] == row[i] && is_away(work->task, i, j)) {
            part->low_away = fminf(part->low_away, row[i]);
            part->high_away = fmaxf(part->high_away, row[i]);
        }
}

static int32_t end_row(const struct work *work, size_t job)
{
    size_t end = (job + 1) * work->rows, h = (size_t)work->cells->h;
    return (int32_t)(end < h ? end : h);
}

static void find_range(void *user, size_t job)
{
    struct work *work = user;
    struct part *part = &work->parts[job];
    int32_t from = (int32_t)(job * work->rows), to = end_row(work, job);

    if (work->along && work->along->before)
        work->along->before(work->along->user, from, to);
    *part = (struct part){INFINITY, -INFINITY, INFINITY, -INFINITY, 0, UINT32_MAX, {0}};
    for (int32_t j = from; j < to; j++)
        range_row(work, j, part);
}

static void find_best(const struct work *work, int32_t j, int32_t from, size_t n, struct part *part)
{
    const float *row = row_of(work, j);

    for (int32_t i = from; i < from + (int32_t)n && part->best == UINT32_MAX; i++)
        if (row[i] == work->steps.wanted && is_away(work->task, i, j))
            part->best = (uint32_t)j * (uint32_t)work->cells->w + (uint32_t)i;
}

static void count_row(const struct work *work, int32_t j, struct part *part,
                      uint32_t counts[BANKS][STEPS + 1])
{
    const float *row = row_of(work, j);
    size_t w = (size_t)work->cells->w;
    int32_t steps[CHUNK];

    for (size_t at = 0; at < w; at += CHUNK) {
        size_t n = w - at < CHUNK ? w - at : CHUNK;
        if (fl_soft_kernels()->steps(row + at, n, &work->steps, steps))
            find_best(work, j, (int32_t)at, n, part);
        for (size_t i = 0; i < n; i++)
            counts[i % BANKS][steps[i]]++;
    }
}

static void count(void *user, size_t job)
{
    struct work *work = user;
    struct part *part = &work->parts[job];
    int32_t from = (int32_t)(job * work->rows), to = end_row(work, job);
    uint32_t counts[BANKS][STEPS + 1] = {{0}};

    for (int32_t j = from; j < to; j++)
        count_row(work, j, part, counts);
    for (size_t bank = 0; bank < BANKS; bank++)
        for (size_t step = 0; step < STEPS; step++)
            part->hist[step] += counts[bank][step];
}

static void follow(void *user, size_t job)
{
    struct work *work = user;

    if (work->along && work->along->after)
        work->along->after(work->along->user, (int32_t)(job * work->rows), end_row(work, job));
}

static void count_and_follow(void *user, size_t job)
{
    count(user, job);
    follow(user, job);
}

struct steps { // some that follow one another, and how many values lie in those before
    uint32_t first, last, before;
};

// Those that hold the values of this rank and the next: a value's step never falls as it rises.
static struct steps steps_of(const uint32_t *hist, double rank)
{
    struct steps steps = {0, 0, 0};
    uint32_t below = (uint32_t)rank, seen = 0;

    while (steps.first < STEPS - 1 && steps.before + hist[steps.first] <= below)
        steps.before += hist[steps.first++];
    seen = steps.before + hist[steps.first];
    for (steps.last = steps.first; steps.last < STEPS - 1 && seen <= below + 1;)
        seen += hist[++steps.last];
    return steps;
}

// Only the values of those steps are looked at; `room` is for all there are.
static float percentile(const struct work *work, const struct fl_stats *stats, double percent,
                        float *room)
{
    size_t all = (size_t)work->cells->w * (size_t)work->cells->h, n = 0;
    double rank = percent / 100 * (stats->valid - 1);
    struct steps wanted = steps_of(stats->hist, rank);
    int32_t steps[CHUNK];

    for (size_t at = 0; at < all; at += CHUNK) {
        const float *values = work->cells->values + at;
        size_t left = all - at < CHUNK ? all - at : CHUNK;
        fl_soft_kernels()->steps(values, left, &work->steps, steps);
        for (size_t i = 0; i < left; i++) {
            room[n] = values[i];
            n += steps[i] >= (int32_t)wanted.first && steps[i] <= (int32_t)wanted.last;
        }
    }
    return fl_soft_at_rank(room, n, rank - wanted.before);
}

// False without memory.
static bool percentiles(const struct work *work, struct fl_stats *out)
{
    size_t all = (size_t)work->cells->w * (size_t)work->cells->h;
    float *room = malloc((all + 1) * sizeof *room);

    if (!room)
        return false;
    out->lo = percentile(work, out, work->task->stretch.a, room);
    out->hi = percentile(work, out, work->task->stretch.b, room);
    free(room);
    return true;
}

// As stretch.comp.
static void choose(const struct work *work, const struct part *all, struct fl_stats *out)
{
    const struct fl_stretch *stretch = &work->task->stretch;

    out->lo = all->low;
    out->hi = all->high;
    if (stretch->kind == FL_STRETCH_AROUND && all->low_away <= all->high_away) {
        if (work->task->smallest)
            out->lo = all->low_away;
        else
            out->hi = all->high_away;
    } else if (stretch->kind == FL_STRETCH_FIXED) {
        fl_render_fixed(stretch, &out->lo, &out->hi);
    }
    if (all->valid == 0)
        out->lo = out->hi = NAN;
}

static uint32_t key_of(float value)
{
    uint32_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

static struct part merge_ranges(const struct part *parts, size_t n)
{
    struct part all = parts[0];

    for (size_t k = 1; k < n; k++) {
        all.low = fminf(all.low, parts[k].low);
        all.high = fmaxf(all.high, parts[k].high);
        all.low_away = fminf(all.low_away, parts[k].low_away);
        all.high_away = fmaxf(all.high_away, parts[k].high_away);
        all.valid += parts[k].valid;
    }
    return all;
}

static void add_counts(const struct work *work, size_t jobs, struct fl_stats *out)
{
    for (size_t k = 0; k < jobs; k++) {
        const struct part *part = &work->parts[k];
        for (int step = 0; step < STEPS; step++)
            out->hist[step] += part->hist[step];
        out->best = part->best < out->best ? part->best : out->best;
    }
}

void fl_soft_stats(struct fl_crew *crew, const struct fl_soft_cells_of *cells,
                   const struct fl_reduce_task *task, const struct fl_soft_along *along,
                   struct fl_stats *out)
{
    size_t h = (size_t)cells->h, rows = (h + MOST_JOBS - 1) / MOST_JOBS;
    size_t wanted = CELLS / (size_t)cells->w;
    struct work work = {.cells = cells, .task = task, .along = along};

    work.rows = rows < wanted ? wanted : rows;
    size_t jobs = (h + work.rows - 1) / work.rows;
    struct part *parts = fl_calloc(jobs, sizeof *parts);
    work.parts = parts;
    fl_crew_run(crew, jobs, find_range, &work);
    struct part all = merge_ranges(parts, jobs);
    float span = 0.5F * all.high - 0.5F * all.low; // halves, so that no difference overflows

    work.steps = (struct fl_soft_steps){.from = 0.5F * all.low,
                                        .per = span > 0 ? STEPS / span : 0,
                                        .wanted = task->smallest ? all.low_away : all.high_away,
                                        .n = STEPS};
    memset(out, 0, sizeof *out);
    out->best = UINT32_MAX;
    out->low = key_of(all.low);
    out->high = key_of(all.high);
    out->valid = all.valid;
    choose(&work, &all, out);
    bool ranked = task->stretch.kind == FL_STRETCH_PERCENTILE && all.valid > 0;
    fl_crew_run(crew, jobs, ranked ? count : count_and_follow, &work);
    add_counts(&work, jobs, out);
    if (ranked) {
        percentiles(&work, out); // without memory the whole range stands
        fl_crew_run(crew, jobs, follow, &work);
    }
    free(parts);
}
