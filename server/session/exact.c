#include "exact.h"

#include "server/data/direction.h"

#include <math.h>

// Between unit vectors, in radians, Kahan's way: exact near 0 and near pi alike.
static double angle_between(const double *u, const double *v, uint32_t d)
{
    double apart = 0, along = 0;

    for (uint32_t k = 0; k < d; k++) {
        apart += (u[k] - v[k]) * (u[k] - v[k]);
        along += (u[k] + v[k]) * (u[k] + v[k]);
    }
    return 2 * atan2(sqrt(apart), sqrt(along));
}

static double length_of(const struct fl_exact_task *task, const double *r)
{
    double sum = 0;

    for (uint32_t k = 0; k < task->d; k++) {
        double x = (double)task->p[k], y = r[k];
        if (task->metric == FL_METRIC_DOT)
            sum += x * y;
        else if (task->metric == FL_METRIC_L2)
            sum += (x - y) * (x - y);
        else if (task->metric == FL_METRIC_L1)
            sum += fabs(x - y);
        else
            sum += sqrt(fabs(x - y));
    }
    if (task->metric == FL_METRIC_L2)
        return sqrt(sum);
    return task->metric == FL_METRIC_LHALF ? sum * sum : sum;
}

// With reference r alone; u is p's direction.
static double compare_one(const struct fl_exact_task *task, const double *u, const double *r)
{
    switch (fl_metric_curve(task->metric)) {
    case FL_CURVE_ANGULAR:
        return 1 - angle_between(u, r, task->d) * M_2_PI;
    case FL_CURVE_COSINE:
        return cos(angle_between(u, r, task->d));
    case FL_CURVE_ANGLE:
        return angle_between(u, r, task->d) * 180 / M_PI;
    case FL_CURVE_NONE:
        break;
    }
    return length_of(task, r);
}

// The nearest of those of one sign; -1: there is none. *s is its number, else 0.
static int nearest(const struct fl_exact_task *task, const double *u, int32_t sign, double *s)
{
    const struct fl_references *all = task->references;
    bool smallest = fl_metric_is_distance(task->metric);
    int best = -1;

    *s = 0;
    for (uint32_t k = 0; k < all->n; k++) {
        if (all->cells[k].sign != sign)
            continue;
        double value = compare_one(task, u, all->exact + (size_t)k * task->d);
        if (best < 0 || (smallest ? value < *s : value > *s)) {
            best = (int)k;
            *s = value;
        }
    }
    return best;
}

// Where the best reference stands among the plain ones, of which others may have been left out; else
// the first that is not negative; -1: none.
static int find_plain(const struct fl_exact_task *task, int best)
{
    const struct fl_references *plain = task->plain;

    for (uint32_t k = 0; best >= 0 && k < plain->n; k++) {
        const struct fl_cell *a = &plain->cells[k], *b = &task->references->cells[best];
        if (a->i == b->i && a->j == b->j && a->sign == b->sign)
            return (int)k;
    }
    for (uint32_t k = 0; k < plain->n; k++)
        if (plain->cells[k].sign > 0)
            return (int)k;
    return -1;
}

struct fl_exact fl_exact_compare(const struct fl_exact_task *task)
{
    double nan = (double)NAN, like = 0, unlike = 0, sum = 0;
    struct fl_exact exact = {nan, nan, nan, nan};
    enum fl_norms norms = fl_metric_norms(task->metric, task->origin);
    int best = -1;

    if (!fl_direction_of(task->p, task->d, FL_NORMS_ZERO, 0, task->room))
        return exact;
    for (uint32_t k = 0; k < task->d; k++)
        sum += (double)task->p[k] * (double)task->p[k];
    exact.norm = sqrt(sum);
    if (task->references && task->references->n > 0 &&
        fl_direction_of(task->p, task->d, norms, task->min, task->room + task->d)) {
        best = nearest(task, task->room + task->d, 1, &like);
        nearest(task, task->room + task->d, -1, &unlike);
        exact.s = like - unlike;
    }
    int k = task->plain ? find_plain(task, best) : -1;
    if (k >= 0) {
        double angle = angle_between(task->room, task->plain->exact + (size_t)k * task->d, task->d);
        exact.cosine = cos(angle);
        exact.angle = angle * 180 / M_PI;
    }
    return exact;
}
