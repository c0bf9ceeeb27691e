#include "references.h"

#include "direction.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"

#include <math.h>
#include <string.h>

enum { MOST_JOBS = 64 };
static const double NO_DIRECTION = 1e-12; // of a mean of unit vectors: shorter ones are roundings

// --- A region's mean ------------------------------------------------------------------------------

struct share { // of one job
    double *sum;
    uint64_t cells;
};

struct mean {
    const struct fl_map *map;
    const int32_t *region;
    enum fl_norms norms;
    bool unit;
    double min;
    size_t n_jobs;
    struct share shares[MOST_JOBS];
    _Atomic(bool) no_memory;
};

// `copy`: room for a row of a map whose rows lie otherwise, else NULL.
static void add_row(const struct mean *mean, int32_t y, float *copy, double *unit,
                    struct share *share)
{
    size_t d = (size_t)fl_map_facts(mean->map)->d;
    const float *row = copy ? copy : fl_map_rows(mean->map, y);

    if (copy)
        fl_map_read_rows(mean->map, y, 1, copy);
    for (int32_t x = mean->region[0]; x < mean->region[2]; x++) {
        const float *v = row + (size_t)x * d;
        if (!fl_direction_of(v, d, mean->norms, mean->min, unit))
            continue;
        for (size_t k = 0; k < d; k++)
            share->sum[k] += mean->unit ? unit[k] : (double)v[k];
        share->cells++;
    }
}

static void add_rows(void *user, size_t job)
{
    struct mean *mean = user;
    const struct fl_map_facts *facts = fl_map_facts(mean->map);
    size_t d = (size_t)facts->d, h = (size_t)(mean->region[3] - mean->region[1]);
    size_t from = job * h / mean->n_jobs, end = (job + 1) * h / mean->n_jobs;
    double *unit = malloc(d * sizeof *unit);
    float *copy = NULL;

    if (!fl_map_rows(mean->map, mean->region[1]))
        copy = malloc((size_t)facts->w * d * sizeof *copy);
    mean->shares[job].sum = calloc(d, sizeof(double));
    if (!unit || !mean->shares[job].sum || (!copy && !fl_map_rows(mean->map, mean->region[1])))
        atomic_store(&mean->no_memory, true);
    for (size_t k = from; k < end && !atomic_load(&mean->no_memory); k++)
        add_row(mean, mean->region[1] + (int32_t)k, copy, unit, &mean->shares[job]);
    free(copy);
    free(unit);
}

// Into `out`; for angles of length 1. False: there is none.
static bool finish_mean(const struct mean *mean, double *out)
{
    size_t d = (size_t)fl_map_facts(mean->map)->d;
    uint64_t cells = 0;
    double squares = 0;

    memset(out, 0, d * sizeof *out);
    for (size_t job = 0; job < mean->n_jobs; job++) {
        cells += mean->shares[job].cells;
        for (size_t k = 0; k < d; k++)
            out[k] += mean->shares[job].sum[k];
    }
    if (cells == 0)
        return false;
    for (size_t k = 0; k < d; k++) {
        out[k] /= (double)cells;
        squares += out[k] * out[k];
    }
    for (size_t k = 0; mean->unit && k < d; k++)
        out[k] /= sqrt(squares);
    return !mean->unit || sqrt(squares) > NO_DIRECTION;
}

// --- The references -------------------------------------------------------------------------------

struct maker {
    const struct fl_map *map;
    const struct fl_map_facts *facts;
    double min; // what FL_NORMS_MIN takes
    float *raw; // d values
    bool no_memory;
    struct fl_references *self;
};

static void widen(struct fl_references *self, const float *v)
{
    for (int32_t k = 0; k < self->d; k++) {
        self->has_negative = self->has_negative || v[k] < 0;
        self->largest = fmaxf(self->largest, fabsf(v[k]));
    }
}

// As the passes make every other vector, by the same operations in float32: cells with equal values
// then come out as exactly equal. False: the map's own norms say that it has no direction.
static bool narrow_cell(const struct maker *maker, const struct fl_cell *cell, float *out)
{
    const struct fl_references *self = maker->self;
    size_t at = (size_t)cell->j * (size_t)maker->facts->w + (size_t)cell->i;
    const float *shifts = fl_map_shifts(maker->map, self->norms);
    float inverse = fl_map_inverse_norms(maker->map, self->norms)[at];
    float away = shifts ? shifts[at] : self->norms == FL_NORMS_MIN ? (float)maker->min : 0;

    for (int32_t k = 0; k < self->d; k++)
        out[k] = self->unit ? (maker->raw[k] - away) * inverse : maker->raw[k];
    return inverse > 0;
}

static void add_cell(struct maker *maker, const struct fl_cell *cell)
{
    struct fl_references *self = maker->self;
    size_t d = (size_t)self->d;
    double *exact = self->exact + self->n * d;
    float *vector = self->vectors ? self->vectors + self->n * d : NULL;

    if (cell->i < 0 || cell->j < 0 || cell->i >= maker->facts->w || cell->j >= maker->facts->h)
        return;
    fl_map_read_vector(maker->map, cell->i, cell->j, maker->raw);
    if (!fl_direction_of(maker->raw, d, self->norms, maker->min, exact) ||
        (vector && !narrow_cell(maker, cell, vector)))
        return;
    for (size_t k = 0; !self->unit && k < d; k++)
        exact[k] = (double)maker->raw[k];
    if (vector)
        widen(self, vector);
    self->cells[self->n] = *cell;
    if (self->foreign)
        self->cells[self->n].i = self->cells[self->n].j = -1;
    self->n++;
}

static void add_region(struct maker *maker)
{
    struct fl_references *self = maker->self;
    struct mean mean = {.map = maker->map,
                        .region = self->region,
                        .norms = self->norms,
                        .unit = self->unit,
                        .min = maker->min};
    size_t h = (size_t)(self->region[3] - self->region[1]);

    mean.n_jobs = h < MOST_JOBS ? h : MOST_JOBS;
    fl_parallel(mean.n_jobs, add_rows, &mean);
    maker->no_memory = atomic_load(&mean.no_memory);
    if (!maker->no_memory && finish_mean(&mean, self->exact)) {
        for (int32_t k = 0; self->vectors && k < self->d; k++)
            self->vectors[k] = (float)self->exact[k];
        if (self->vectors)
            widen(self, self->vectors);
        self->cells[0] = (struct fl_cell){-1, -1, 1};
        self->n = 1;
    }
    for (size_t job = 0; job < mean.n_jobs; job++)
        free(mean.shares[job].sum);
}

static void add_all(struct maker *maker, const struct fl_render *render)
{
    const int32_t *r = render->region;

    if (!render->has_region) {
        for (uint32_t k = 0; k < render->n_refs; k++)
            add_cell(maker, &render->refs[k]);
    } else if (r[2] - r[0] == 1 && r[3] - r[1] == 1) { // exactly itself, as a point is
        add_cell(maker, &(struct fl_cell){r[0], r[1], 1});
    } else if (r[0] < r[2] && r[1] < r[3]) {
        add_region(maker);
    }
}

static bool make_room(struct maker *maker, uint32_t n)
{
    struct fl_references *self = maker->self;
    size_t floats = (size_t)(n + 1) * (size_t)self->d; // about 2^20 at most; never none

    self->exact = malloc(floats * sizeof *self->exact);
    if (fl_map_loaded(maker->map, self->norms))
        self->vectors = malloc(floats * sizeof *self->vectors);
    maker->raw = malloc((size_t)self->d * sizeof *maker->raw);
    return self->exact && maker->raw && (self->vectors || !fl_map_loaded(maker->map, self->norms));
}

struct fl_references *fl_references_create(const struct fl_map *map, bool foreign,
                                           const struct fl_render *render, struct fl_error *error)
{
    struct maker maker = {.map = map, .facts = fl_map_facts(map)};

    if (fl_references_check(render, error))
        return NULL;
    struct fl_references *self = fl_new(struct fl_references);
    maker.self = self;
    maker.min = (double)fl_map_stats(map)->min;
    atomic_init(&self->refs, 1);
    self->d = maker.facts->d;
    self->map = maker.facts->id;
    self->norms = fl_metric_norms(render->metric, render->origin);
    self->unit = fl_metric_form(render->metric) == FL_FORM_CHORD;
    self->foreign = foreign;
    self->has_region = render->has_region;
    memcpy(self->region, render->region, sizeof self->region);
    maker.no_memory = !make_room(&maker, render->has_region ? 1 : render->n_refs);
    if (!maker.no_memory)
        add_all(&maker, render);
    free(maker.raw);
    if (!maker.no_memory)
        return self;
    fl_references_unref(self);
    fl_fail(error, FL_ERR_TOO_BIG,
            "There is no memory for %u references of %d numbers; give fewer or try later.",
            render->n_refs, maker.facts->d);
    return NULL;
}

struct fl_references *fl_references_ref(struct fl_references *self)
{
    atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
    return self;
}

void fl_references_unref(struct fl_references *self)
{
    if (!self || atomic_fetch_sub(&self->refs, 1) != 1)
        return;
    free(self->vectors);
    free(self->exact);
    free(self);
}

bool fl_references_are(const struct fl_references *self, const struct fl_map *map, bool foreign,
                       const struct fl_render *render)
{
    return self && self->has_region && render->has_region && self->map == fl_map_facts(map)->id &&
           self->foreign == foreign &&
           self->norms == fl_metric_norms(render->metric, render->origin) &&
           self->unit == (fl_metric_form(render->metric) == FL_FORM_CHORD) &&
           memcmp(self->region, render->region, sizeof self->region) == 0;
}

bool fl_references_have(const struct fl_references *self, int32_t sign)
{
    for (uint32_t k = 0; k < self->n; k++)
        if (self->cells[k].sign == sign)
            return true;
    return false;
}

enum fl_err fl_references_check(const struct fl_render *render, struct fl_error *error)
{
    if (render->mode != FL_MODE_SIMILARITY || render->has_region ||
        fl_metric_form(render->metric) == FL_FORM_CHORD)
        return FL_OK;
    for (uint32_t k = 0; k < render->n_refs; k++)
        if (render->refs[k].sign < 0)
            return fl_fail(
                error, FL_ERR_RANGE,
                "The metric `%s` knows no negative references; take them away, or choose "
                "angular, cosine, angle, pearson or msam.",
                fl_metric_names[render->metric]);
    return FL_OK;
}
