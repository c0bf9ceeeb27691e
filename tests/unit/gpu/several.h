#pragma once

// Several references of a map in float64: what test_references.c holds the frames to.

#include "rig.h"

#include "server/data/metric.h"

enum { MOST_D = 131 };

struct set { // one map, as numbers
    float *values;
    int32_t w, h, d;
    double min;
    struct fl_map *map;
};

static inline const float *at(const struct set *set, int32_t i, int32_t j)
{
    return set->values + ((size_t)j * (size_t)set->w + (size_t)i) * (size_t)set->d;
}

// At the corner of the region [1, 0, 6, 5] the mean of its cells: `best`, were it not left out.
static inline void put_mean(struct set *set)
{
    size_t d = (size_t)set->d, row = (size_t)set->w * d;
    float *mean = set->values + 5 * row + 6 * d;

    for (size_t k = 0; k < d; k++) {
        float sum = 0;
        for (size_t cell = 0; cell < 25; cell++)
            sum += set->values[cell / 5 * row + (1 + cell % 5) * d + k];
        mean[k] = sum / 25;
    }
}

// Cell (2, 1) is zero, (3, 1) is not a number; (6, 6) is (4, 4) again, and beside (9, 8) lies its twin.
static inline struct set make_set(int32_t w, int32_t h, int32_t d, bool is_signed)
{
    struct set set = {.w = w, .h = h, .d = d, .min = HUGE_VAL};
    size_t n = (size_t)w * (size_t)h * (size_t)d, row = (size_t)w * (size_t)d, depth = (size_t)d;
    uint32_t seed = (uint32_t)(w + d) * 7 + is_signed;

    set.values = malloc(n * sizeof *set.values);
    EXPECT(set.values != NULL);
    for (size_t i = 0; i < n; i++)
        set.values[i] = rig_random(&seed) * 3 - (is_signed ? 1.5F : 0);
    memset(set.values + row + 2 * depth, 0, depth * sizeof *set.values);
    memcpy(set.values + 6 * row + 6 * depth, set.values + 4 * row + 4 * depth,
           depth * sizeof *set.values);
    if (w > 10 && h > 9)
        memcpy(set.values + 9 * row + 10 * depth, set.values + 8 * row + 9 * depth,
               depth * sizeof *set.values);
    put_mean(&set);
    set.values[row + 3 * depth + depth / 2] = NAN;
    for (size_t i = 0; i < n; i++)
        if (!isnan(set.values[i]))
            set.min = fmin(set.min, (double)set.values[i]);
    set.map = rig_map(set.values, w, h, d);
    return set;
}

static inline void free_set(struct set *set)
{
    fl_map_unref(set->map);
    free(set->values);
}

struct vectors {
    double v[FL_MAX_REFS][MOST_D];
    int32_t sign[FL_MAX_REFS];
    int n;
};

static inline bool is_angle(enum fl_metric metric)
{
    return fl_metric_curve(metric) != FL_CURVE_NONE;
}

// The direction of one vector for angles, else the vector. False: it has none.
static inline bool direction(const struct set *set, const float *v, const struct fl_render *render,
                             double *out)
{
    struct oracle o = {v, v, set->d, set->min};
    double shift = oracle_shift(&o, v, render->metric, render->origin), squares = 0;

    if (isnan(oracle_angle(&o, render->metric, render->origin)))
        return false;
    for (int32_t k = 0; k < set->d; k++)
        squares += ((double)v[k] - shift) * ((double)v[k] - shift);
    for (int32_t k = 0; k < set->d; k++)
        out[k] = is_angle(render->metric) ? ((double)v[k] - shift) / sqrt(squares) : (double)v[k];
    return true;
}

static inline void take_region(const struct set *set, const struct fl_render *render,
                               struct vectors *all)
{
    const int32_t *r = render->region;
    double one[MOST_D], squares = 0;
    int cells = 0;

    memset(all->v[0], 0, sizeof all->v[0]);
    for (int32_t j = r[1]; j < r[3]; j++)
        for (int32_t i = r[0]; i < r[2]; i++) {
            if (!direction(set, at(set, i, j), render, one))
                continue;
            cells++;
            for (int32_t k = 0; k < set->d; k++)
                all->v[0][k] += one[k];
        }
    for (int32_t k = 0; k < set->d; k++) {
        all->v[0][k] /= cells;
        squares += all->v[0][k] * all->v[0][k];
    }
    for (int32_t k = 0; is_angle(render->metric) && k < set->d; k++)
        all->v[0][k] /= sqrt(squares);
    all->sign[0] = 1;
    all->n = cells > 0;
}

static inline struct vectors *take(const struct set *set, const struct fl_render *render)
{
    static struct vectors all;

    all.n = 0;
    if (render->has_region)
        take_region(set, render, &all);
    for (uint32_t k = 0; k < render->n_refs; k++) {
        const struct fl_cell *ref = &render->refs[k];
        all.sign[all.n] = ref->sign;
        all.n += direction(set, at(set, ref->i, ref->j), render, all.v[all.n]);
    }
    return &all;
}

static inline double one_s(enum fl_metric metric, const double *p, const double *r, int32_t d)
{
    double apart = 0, along = 0, dot = 0, l1 = 0, lhalf = 0;

    for (int32_t k = 0; k < d; k++) {
        apart += (p[k] - r[k]) * (p[k] - r[k]);
        along += (p[k] + r[k]) * (p[k] + r[k]);
        dot += p[k] * r[k];
        l1 += fabs(p[k] - r[k]);
        lhalf += sqrt(fabs(p[k] - r[k]));
    }
    double angle = 2 * atan2(sqrt(apart), sqrt(along));
    switch (metric) {
    case FL_METRIC_ANGULAR:
    case FL_METRIC_MSAM:
        return 1 - angle * M_2_PI;
    case FL_METRIC_COSINE:
    case FL_METRIC_PEARSON:
        return cos(angle);
    case FL_METRIC_ANGLE:
        return angle * 180 / M_PI;
    case FL_METRIC_DOT:
        return dot;
    case FL_METRIC_L2:
        return sqrt(apart);
    case FL_METRIC_L1:
        return l1;
    case FL_METRIC_LHALF:
    case FL_METRICS:
        break;
    }
    return lhalf * lhalf;
}

// NaN: no direction. The best of the positive ones less the best of the negative ones.
static inline double wanted(const struct set *set, const struct fl_render *render,
                            const struct vectors *all, int32_t cell)
{
    double p[MOST_D], best[2] = {0, 0};
    bool any[2] = {false, false}, smallest = fl_metric_is_distance(render->metric);

    if (!direction(set, at(set, cell % set->w, cell / set->w), render, p))
        return (double)NAN;
    for (int k = 0; k < all->n; k++) {
        int which = all->sign[k] < 0;
        double s = one_s(render->metric, p, all->v[k], set->d);
        if (!any[which] || (smallest ? s < best[which] : s > best[which]))
            best[which] = s;
        any[which] = true;
    }
    return best[0] - best[1];
}

static inline double tolerance(enum fl_metric metric, double value, int32_t d)
{
    if (metric == FL_METRIC_ANGLE)
        return 1e-6 * 90;
    if (is_angle(metric)) // the means are rounded to float32 where they are taken
        return 1e-6;
    return 1e-6 * (1 + fabs(value)) + (metric == FL_METRIC_DOT ? 3e-6 * d : 0);
}
