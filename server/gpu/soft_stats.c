#include "soft_stats.h"

#include "server/base/crew.h"
#include "server/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 32, MOST_JOBS = 1024, STEPS = 64 };

struct part { // what one job found
    float low, high, low_away, high_away;
    uint32_t valid, best;
    uint32_t hist[STEPS];
};

struct work {
    const struct fl_soft_cells_of *cells;
    const struct fl_reduce_task *task;
    size_t rows; // a job
    struct part *parts;
    float from, per; // of the histogram
    float wanted;    // the best value away from the references
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

// NaN loses every comparison, so invalid cells fall out by themselves.
static void range_row(const struct work *work, int32_t j, struct part *part)
{
    const float *row = row_of(work, j);
    float low = INFINITY, high = -INFINITY;
    uint32_t valid = 0;

    for (int32_t i = 0; i < work->cells->w; i++) {
        low = row[i] < low ? row[i] : low;
        high = row[i] > high ? row[i] : high;
        valid += row[i] == row[i];
    }
    part->low = fminf(part->low, low);
    part->high = fmaxf(part->high, high);
    part->valid += valid;
    if (!is_near_row(work->task, j)) {
        part->low_away = fminf(part->low_away, low);
        part->high_away = fmaxf(part->high_away, high);
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

    *part = (struct part){INFINITY, -INFINITY, INFINITY, -INFINITY, 0, UINT32_MAX, {0}};
    for (int32_t j = (int32_t)(job * work->rows); j < end_row(work, job); j++)
        range_row(work, j, part);
}

static void count_row(const struct work *work, int32_t j, struct part *part)
{
    const float *row = row_of(work, j);
    bool near = is_near_row(work->task, j);

    for (int32_t i = 0; i < work->cells->w; i++) {
        if (row[i] != row[i])
            continue;
        int step = (int)((0.5F * row[i] - work->from) * work->per);
        part->hist[step < 0 ? 0 : step >= STEPS ? STEPS - 1 : step]++;
        if (row[i] == work->wanted && part->best == UINT32_MAX &&
            (!near || is_away(work->task, i, j)))
            part->best = (uint32_t)j * (uint32_t)work->cells->w + (uint32_t)i;
    }
}

static void count(void *user, size_t job)
{
    struct work *work = user;

    for (int32_t j = (int32_t)(job * work->rows); j < end_row(work, job); j++)
        count_row(work, j, &work->parts[job]);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float between(const float *sorted, uint32_t n, double percent)
{
    double rank = percent / 100 * (n - 1);
    uint32_t below = (uint32_t)rank, above = below + 1 < n ? below + 1 : below;
    double part = rank - below;
    return (float)((1 - part) * (double)sorted[below] + part * (double)sorted[above]);
}

// False without memory.
static bool percentiles(const struct work *work, uint32_t valid, struct fl_stats *out)
{
    size_t all = (size_t)work->cells->w * (size_t)work->cells->h, n = 0;
    float *sorted = malloc((all + 1) * sizeof *sorted);

    if (!sorted)
        return false;
    for (size_t i = 0; i < all; i++)
        if (work->cells->values[i] == work->cells->values[i])
            sorted[n++] = work->cells->values[i];
    qsort(sorted, n, sizeof *sorted, by_value);
    out->lo = between(sorted, valid, work->task->stretch.a);
    out->hi = between(sorted, valid, work->task->stretch.b);
    free(sorted);
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
        out->lo = (float)stretch->a;
        out->hi = (float)stretch->b;
    } else if (stretch->kind == FL_STRETCH_PERCENTILE && all->valid > 0) {
        percentiles(work, all->valid, out); // without memory the whole range stands
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

void fl_soft_stats(struct fl_crew *crew, const struct fl_soft_cells_of *cells,
                   const struct fl_reduce_task *task, struct fl_stats *out)
{
    size_t rows = ((size_t)cells->h + MOST_JOBS - 1) / MOST_JOBS;
    struct work work = {.cells = cells, .task = task};

    work.rows = rows < ROWS ? ROWS : rows;
    size_t jobs = ((size_t)cells->h + work.rows - 1) / work.rows;
    struct part *parts = fl_calloc(jobs, sizeof *parts);
    work.parts = parts;
    fl_crew_run(crew, jobs, find_range, &work);
    struct part all = merge_ranges(parts, jobs);
    float span = 0.5F * all.high - 0.5F * all.low; // halves, so that no difference overflows

    work.from = 0.5F * all.low;
    work.per = span > 0 ? STEPS / span : 0;
    work.wanted = task->smallest ? all.low_away : all.high_away;
    fl_crew_run(crew, jobs, count, &work);
    memset(out, 0, sizeof *out);
    out->best = UINT32_MAX;
    for (size_t k = 0; k < jobs; k++) {
        for (int step = 0; step < STEPS; step++)
            out->hist[step] += parts[k].hist[step];
        out->best = parts[k].best < out->best ? parts[k].best : out->best;
    }
    out->low = key_of(all.low);
    out->high = key_of(all.high);
    out->valid = all.valid;
    choose(&work, &all, out);
    free(parts);
}
