#include "soft_pass.h"

#include "server/base/crew.h"
#include "soft_kernels.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 512,   // cells a job
    MOST = 64,     // cells at a time, so that references share what is in the cache
    CACHE = 16384, // bytes of them
    SIXTEEN = FL_SOFT_REFS * FL_SOFT_REFS,
};

struct work {
    const struct fl_soft_pass *pass;
    const struct fl_map_facts *facts;
    const float *values;  // of the whole map, or NULL: rows are read into a job's own room
    const float *inverse; // 1 / |p| of each cell
    const float *shifts;  // or NULL
    float shift;
    const float *vectors; // n_refs of d values; padded to whole groups
    bool is_signed;       // values below zero occur, so angles beyond a right one do
    float scale;          // not angles: a power of two that keeps sums in range
    size_t cells_a_job;
    atomic_bool failed;
};

// |u - v|^2, or beyond a right angle -|u + v|^2, as similarity.frag. Never zero then, so that the sign
// still tells which it is at the antipode.
static void code_cells(const float *apart, const float *along, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        float far = along[i] > 1e-30F ? along[i] : 1e-30F;
        out[i] = apart[i] > 2 ? -far : apart[i];
    }
}

static void forget_invalid(const float *inverse, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = inverse[i] > 0 ? out[i] : NAN;
}

static void keep_valid(const float *inverse, const float *made, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = inverse[i] > 0 ? made[i] : NAN;
}

static float clamp_finite(float x)
{
    return x > 3.402823e38F ? 3.402823e38F : x;
}

static void sum_cells(const struct work *work, const struct fl_soft_cells *cells, const float *r,
                      float *out)
{
    const struct fl_soft_kernels *kernels = fl_soft_kernels();
    float scale = work->scale, back = 1 / scale;

    switch (work->pass->form) {
    case FL_FORM_DOT:
        kernels->dot(cells, r, scale, out);
        for (size_t i = 0; i < cells->n; i++)
            out[i] = fmaxf(clamp_finite(out[i] * back * back), -3.402823e38F);
        break;
    case FL_FORM_L2:
        kernels->l2(cells, r, scale, out);
        for (size_t i = 0; i < cells->n; i++)
            out[i] = clamp_finite(sqrtf(out[i]) * back);
        break;
    case FL_FORM_L1:
        kernels->l1(cells, r, scale, out);
        for (size_t i = 0; i < cells->n; i++)
            out[i] = clamp_finite(out[i] * back);
        break;
    case FL_FORM_LHALF:
        kernels->lhalf(cells, r, scale, out);
        for (size_t i = 0; i < cells->n; i++)
            out[i] = clamp_finite(out[i] * out[i] * back);
        break;
    case FL_FORM_CHORD:
    case FL_FORMS:
        break;
    }
}

// Of two chords the one of the smaller angle; the negative ones are those beyond a right one.
static void join_chords(const float *other, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        bool alike = (other[i] >= 0) == (out[i] >= 0);
        bool nearer = alike ? other[i] < out[i] : other[i] >= 0;
        out[i] = nearer ? other[i] : out[i];
    }
}

static void join_sums(enum fl_form form, const float *other, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        bool nearer = form == FL_FORM_DOT ? other[i] > out[i] : other[i] < out[i];
        out[i] = nearer ? other[i] : out[i];
    }
}

// A group of references over a few cells: FL_SOFT_REFS at a time, or one alone.
static void chord_cells(const struct work *work, const struct fl_soft_cells *cells, size_t first,
                        size_t group, size_t cell)
{
    const struct fl_soft_pass *pass = work->pass;
    const struct fl_soft_kernels *kernels = fl_soft_kernels();
    const float *v = work->vectors + first * cells->d;
    float apart[MOST * FL_SOFT_REFS], room[MOST * FL_SOFT_REFS];
    float *along = work->is_signed ? room : NULL;

    if (cells->shifts)
        kernels->centred(cells, v, apart, along);
    else if (group == 1)
        kernels->chord(cells, v, apart, along);
    else
        kernels->chords(cells, v, apart, along);
    for (size_t k = 0; k < group && first + k < pass->n_refs; k++) {
        const struct fl_soft_ref *ref = &pass->refs[first + k];
        float *out = ref->out + cell, *made = apart + k * cells->n;
        if (along)
            code_cells(made, along + k * cells->n, cells->n, made);
        if (ref->joins) {
            join_chords(made, cells->n, out);
            forget_invalid(cells->inverse, cells->n, out);
        } else {
            keep_valid(cells->inverse, made, cells->n, out);
        }
    }
}

static void sum_references(const struct work *work, const struct fl_soft_cells *cells, size_t cell)
{
    const struct fl_soft_pass *pass = work->pass;
    float sums[MOST] = {0};

    for (size_t k = 0; k < pass->n_refs; k++) {
        const struct fl_soft_ref *ref = &pass->refs[k];
        float *out = ref->out + cell;
        sum_cells(work, cells, work->vectors + k * cells->d, ref->joins ? sums : out);
        if (ref->joins)
            join_sums(pass->form, sums, cells->n, out);
        forget_invalid(cells->inverse, cells->n, out);
    }
}

// `next`: cells that follow, at least one more than n, or NULL.
static void compare_cells(const struct work *work, const float *values, size_t cell, size_t n,
                          const float *next)
{
    const struct fl_soft_pass *pass = work->pass;
    struct fl_soft_cells cells = {.values = values,
                                  .n = n,
                                  .d = (size_t)work->facts->d,
                                  .inverse = work->inverse + cell,
                                  .shifts = work->shifts ? work->shifts + cell : NULL,
                                  .shift = work->shift};

    if (pass->form != FL_FORM_CHORD) {
        sum_references(work, &cells, cell);
        return;
    }
    size_t group = pass->n_refs == 1 || cells.shifts ? 1 : FL_SOFT_REFS;
    for (size_t first = 0; first < pass->n_refs; first += group) {
        // Each group fetches another part of them, the last one of sixteen the last.
        bool ahead = next && first < SIXTEEN;
        cells.next = ahead ? next + first * n * cells.d / SIXTEEN : values;
        chord_cells(work, &cells, first, group, cell);
    }
}

// So many cells that their values stay in the first cache while the references go over them.
static size_t cells_at_a_time(size_t d)
{
    size_t n = CACHE / (d * sizeof(float));
    return n < 2 ? 2 : n < MOST ? n : MOST;
}

static void run_job(void *user, size_t job)
{
    struct work *work = user;
    size_t all = (size_t)work->facts->w * (size_t)work->facts->h, d = (size_t)work->facts->d;
    size_t first = job * work->cells_a_job, n = work->cells_a_job, step = cells_at_a_time(d);
    const float *values = work->values ? work->values + first * d : NULL;
    float *room = NULL;

    if (n > all - first)
        n = all - first;
    if (!values) { // a job is a whole row then
        room = malloc(n * d * sizeof *room);
        if (!room) {
            atomic_store(&work->failed, true);
            return;
        }
        fl_map_read_rows(work->pass->map, (int32_t)job, 1, room);
        values = room;
    }
    for (size_t at = 0; at < n; at += step)
        compare_cells(work, values + at * d, first + at, step < n - at ? step : n - at,
                      at + 2 * step < n ? values + (at + step) * d : NULL);
    free(room);
}

static float scale_of(const struct fl_soft_pass *pass)
{
    const struct fl_map_stats *stats = fl_map_stats(pass->map);

    return fl_metric_scale(fmaxf(fmaxf(fabsf(stats->min), fabsf(stats->max)), pass->largest));
}

// The references as the kernels want them; the last group is filled up with the last reference.
static float *make_vectors(const struct work *work)
{
    const struct fl_soft_pass *pass = work->pass;
    size_t d = (size_t)work->facts->d;
    size_t n = (pass->n_refs + FL_SOFT_REFS - 1) / FL_SOFT_REFS * FL_SOFT_REFS;
    // From a line of the cache on: loads that cross one cost twice.
    float *vectors = aligned_alloc(64, (n * d * sizeof *vectors + 63) / 64 * 64);

    for (size_t k = 0; vectors && k < n; k++) {
        const struct fl_soft_ref *ref = &pass->refs[k < pass->n_refs ? k : pass->n_refs - 1];
        memcpy(vectors + k * d, ref->vector, d * sizeof *vectors);
    }
    return vectors;
}

// Exactly themselves, whatever the roundings.
static void set_references(const struct fl_soft_pass *pass, size_t w)
{
    for (size_t k = 0; pass->form == FL_FORM_CHORD && k < pass->n_refs; k++) {
        const struct fl_soft_ref *ref = &pass->refs[k];
        if (ref->i < 0)
            continue;
        float *out = ref->out + (size_t)ref->j * w + (size_t)ref->i;
        if (*out == *out)
            *out = 0;
    }
}

bool fl_soft_pass_run(struct fl_crew *crew, const struct fl_soft_pass *pass)
{
    const struct fl_map_facts *facts = fl_map_facts(pass->map);
    size_t all = (size_t)facts->w * (size_t)facts->h;
    struct work work = {
        .pass = pass,
        .facts = facts,
        .values = pass->values,
        .inverse = fl_map_inverse_norms(pass->map, pass->norms),
        .shifts = fl_map_shifts(pass->map, pass->norms),
        .shift = pass->norms == FL_NORMS_MIN ? fl_map_stats(pass->map)->min : 0,
        .is_signed = pass->has_negative || pass->norms == FL_NORMS_CENTRED ||
                     (pass->norms == FL_NORMS_ZERO && fl_map_stats(pass->map)->min < 0),
        .scale = scale_of(pass),
    };

    work.cells_a_job = work.values ? BLOCK : (size_t)facts->w;
    float *vectors = make_vectors(&work);
    if (!vectors)
        return false;
    work.vectors = vectors;
    fl_crew_run(crew, (all + work.cells_a_job - 1) / work.cells_a_job, run_job, &work);
    set_references(pass, (size_t)facts->w);
    free(vectors);
    return !atomic_load(&work.failed);
}
