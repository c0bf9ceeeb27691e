#pragma once

// What the tests of the GPU share: small maps, frames there and back, and the formulas in float64.

#include "test.h"

#include "server/base/mem.h"
#include "server/base/thread.h"
#include "server/data/references.h"
#include "server/data/source.h"
#include "server/gpu/tuned.h"

#include <stdint.h>

struct rig {
    struct fl_gpu *gpu;
    struct fl_mailbox *done;
    struct fl_tuning *tuning; // owned; the gpu reads it as long as it lives
};

static inline void rig_on_done(void *user, struct fl_frame *frame)
{
    fl_mailbox_put(user, frame);
}

// Ends the program as skipped where there is no OpenGL at all.
static inline struct rig rig_open_as(const struct fl_tuning *tuning,
                                     const struct fl_gpu_options *wanted)
{
    struct rig rig = {.done = fl_mailbox_create(), .tuning = fl_new(struct fl_tuning)};
    struct fl_gpu_options options = *wanted;
    const char *soft = getenv("FARLOOK_TEST_SOFT"); // ctest runs most tests with either engine
    struct fl_error error = {0};

    options.which = "auto";
    options.software = true;
    if (tuning)
        *rig.tuning = *tuning;
    rig.tuning->choice = soft ? FL_ENGINE_SOFT : FL_ENGINE_GL;
    rig.gpu = fl_gpu_create_tuned(&options, rig.tuning, rig_on_done, rig.done, &error);
    if (!rig.gpu) {
        fprintf(stderr, "SKIPPED: %s\n", error.text);
        exit(TEST_SKIPPED);
    }
    return rig;
}

static inline struct rig rig_open(const struct fl_tuning *tuning, uint64_t memory)
{
    return rig_open_as(tuning, &(struct fl_gpu_options){.memory = memory});
}

static inline void rig_close(struct rig *rig)
{
    fl_gpu_destroy(rig->gpu);
    fl_mailbox_destroy(rig->done);
    free(rig->tuning);
    *rig = (struct rig){0};
}

// A map of these h * w * d values (copied), loaded with all norms.
static inline struct fl_map *rig_map_over(const float *values, int32_t w, int32_t h, int32_t d,
                                          const double extent[4])
{
    size_t n = (size_t)w * (size_t)h * (size_t)d;
    float *copy = malloc(n * sizeof *copy);

    EXPECT(copy != NULL);
    memcpy(copy, values, n * sizeof *copy);
    struct fl_map_source source = fl_map_source_of(copy, w, h, d);
    source.owned = copy;
    struct fl_map *map = fl_map_create("map", &source, extent);
    for (int norms = 0; norms < FL_NORMS; norms++)
        EXPECT(fl_map_load(map, (enum fl_norms)norms, NULL) == FL_OK);
    return map;
}

static inline struct fl_map *rig_map(const float *values, int32_t w, int32_t h, int32_t d)
{
    return rig_map_over(values, w, h, d, (double[]){0, 0, w, h});
}

// The whole map, similarity to cell (i, j), minmax, raw numbers.
static inline struct fl_render rig_render(const struct fl_map *map, int32_t i, int32_t j)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    struct fl_render render;

    memset(&render, 0, sizeof render);
    render.refs[0] = (struct fl_cell){i, j, 1};
    render.n_refs = 1;
    render.window[2] = render.w = facts->w;
    render.window[3] = render.h = facts->h;
    render.output = FL_OUT_VALUES;
    return render;
}

static inline void rig_send(struct rig *rig, struct fl_map *map, struct fl_picture *picture,
                            const struct fl_render *render)
{
    struct fl_frame *frame = fl_new(struct fl_frame);

    frame->map = fl_map_ref(map);
    frame->picture = picture;
    frame->render = *render;
    fl_gpu_send(rig->gpu, frame);
}

static inline void rig_free(struct fl_frame *frame)
{
    fl_map_unref(frame->map);
    fl_map_unref(frame->from);
    fl_references_unref(frame->references);
    fl_references_unref(frame->plain);
    free(frame->vector);
    free(frame->pixels);
    free(frame);
}

static inline struct fl_frame *rig_take(struct rig *rig)
{
    return fl_mailbox_take(rig->done);
}

// There and back. Errors are left to the test.
static inline struct fl_frame *rig_try(struct rig *rig, struct fl_map *map,
                                       struct fl_picture *picture, const struct fl_render *render)
{
    rig_send(rig, map, picture, render);
    return rig_take(rig);
}

static inline struct fl_frame *rig_draw(struct rig *rig, struct fl_map *map,
                                        const struct fl_render *render)
{
    struct fl_frame *frame = rig_try(rig, map, NULL, render);

    if (frame->error.code) {
        fprintf(stderr, "  %s\n", frame->error.text);
        exit(1);
    }
    return frame;
}

static inline float rig_value(const struct fl_frame *frame, int32_t x, int32_t y)
{
    float value = 0;

    memcpy(&value, frame->pixels + 4 * ((size_t)y * (size_t)frame->w + (size_t)x), sizeof value);
    return value;
}

// Repeatable numbers in [0, 1).
static inline float rig_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 16777216.0F;
}

// --- The formulas, in float64 -------------------------------------------------------------------

struct oracle { // pixel p against r, both of d values
    const float *p, *r;
    int32_t d;
    double min; // of the whole map
};

static inline double oracle_shift(const struct oracle *o, const float *v, enum fl_metric metric,
                                  enum fl_origin origin)
{
    double sum = 0;

    if (metric == FL_METRIC_PEARSON || metric == FL_METRIC_MSAM) {
        for (int32_t k = 0; k < o->d; k++)
            sum += (double)v[k];
        return sum / o->d;
    }
    return origin == FL_ORIGIN_MIN ? o->min : 0;
}

// NaN where p or r has no direction.
static inline double oracle_angle(const struct oracle *o, enum fl_metric metric,
                                  enum fl_origin origin)
{
    double a = oracle_shift(o, o->p, metric, origin), b = oracle_shift(o, o->r, metric, origin);
    double pp = 0, rr = 0, apart = 0, along = 0, whole = 0;

    for (int32_t k = 0; k < o->d; k++) {
        whole += (double)o->p[k] * (double)o->p[k];
        double x = (double)o->p[k] - a, y = (double)o->r[k] - b;
        pp += x * x;
        rr += y * y;
    }
    // A shift gives no direction to what has none (zero, NaN, Inf).
    if (!(whole > 0) || isinf(whole) || !(pp > 0) || !(rr > 0))
        return (double)NAN;
    for (int32_t k = 0; k < o->d; k++) {
        double u = ((double)o->p[k] - a) / sqrt(pp), v = ((double)o->r[k] - b) / sqrt(rr);
        apart += (u - v) * (u - v);
        along += (u + v) * (u + v);
    }
    return 2 * atan2(sqrt(apart), sqrt(along));
}

static inline double oracle_length(const struct oracle *o, enum fl_metric metric)
{
    double sum = 0;

    for (int32_t k = 0; k < o->d; k++) {
        double x = (double)o->p[k], y = (double)o->r[k];
        sum += metric == FL_METRIC_DOT  ? x * y
               : metric == FL_METRIC_L2 ? (x - y) * (x - y)
               : metric == FL_METRIC_L1 ? fabs(x - y)
                                        : sqrt(fabs(x - y));
    }
    return metric == FL_METRIC_L2 ? sqrt(sum) : metric == FL_METRIC_LHALF ? sum * sum : sum;
}

static inline double oracle_s(const struct oracle *o, enum fl_metric metric, enum fl_origin origin)
{
    double angle = oracle_angle(o, metric, origin);

    if (isnan(angle))
        return angle;
    if (metric == FL_METRIC_ANGULAR || metric == FL_METRIC_MSAM)
        return 1 - angle * M_2_PI;
    if (metric == FL_METRIC_COSINE || metric == FL_METRIC_PEARSON)
        return cos(angle);
    if (metric == FL_METRIC_ANGLE)
        return angle * 180 / M_PI;
    return oracle_length(o, metric);
}
