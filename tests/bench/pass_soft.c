#include "pass_soft.h"

#include "server/base/crew.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/data/references.h"
#include "server/data/source.h"
#include "server/gpu/answer.h"
#include "server/gpu/soft_pass.h"
#include "server/gpu/soft_present.h"

#include <stdio.h>

enum { REFS = FL_MAX_REFS };

struct bench_soft {
    struct fl_crew *crew;
    struct fl_map *map;
    struct fl_frame frame;
    struct fl_references *references;
    struct fl_soft_ref refs[REFS];
    struct fl_stats stats;
    float *cells, *numbers; // REFS of w * h; w * h
};

static struct fl_map *make_map(const float *values, int32_t w, int32_t h, int32_t d)
{
    struct fl_map_source source = {.w = w,
                                   .h = h,
                                   .d = d,
                                   .dtype = "f4",
                                   .type = FL_F4,
                                   .base = values,
                                   .stride_y = (ptrdiff_t)w * d,
                                   .stride_x = d,
                                   .stride_c = 1};
    struct fl_error error = {0};
    struct fl_map *map = fl_map_create("bench", &source, (double[]){0, 0, w, h});

    if (!fl_map_load(map, FL_NORMS_ZERO, &error))
        return map;
    fprintf(stderr, "%s\n", error.text);
    fl_map_unref(map);
    return NULL;
}

static bool choose_refs(struct bench_soft *soft)
{
    const struct fl_map_facts *facts = fl_map_facts(soft->map);
    size_t all = (size_t)facts->w * (size_t)facts->h;
    struct fl_render render = {.n_refs = REFS};

    for (size_t k = 0; k < REFS; k++) {
        size_t at = (all / 2 + (size_t)facts->w / 3 + k * 997) % all;
        render.refs[k] = (struct fl_cell){(int32_t)at % facts->w, (int32_t)at / facts->w, 1};
    }
    soft->references = fl_references_create(soft->map, false, &render, NULL);
    for (size_t k = 0; soft->references && k < soft->references->n; k++)
        soft->refs[k] = (struct fl_soft_ref){
            .vector = soft->references->vectors + k * (size_t)facts->d,
            .i = soft->references->cells[k].i,
            .j = soft->references->cells[k].j,
            .out = soft->cells + k * all,
        };
    return soft->references && soft->references->n == REFS;
}

struct bench_soft *bench_soft_create(const float *values, int32_t w, int32_t h, int32_t d)
{
    struct bench_soft *soft = fl_new(struct bench_soft);
    struct fl_render *render = &soft->frame.render;
    size_t all = (size_t)w * (size_t)h;

    soft->crew = fl_crew_create(fl_cores());
    soft->map = make_map(values, w, h, d);
    soft->cells = malloc(REFS * all * sizeof(float));
    soft->numbers = malloc(all * sizeof(float));
    if (!soft->map || !soft->cells || !soft->numbers || !choose_refs(soft)) {
        bench_soft_destroy(soft);
        return NULL;
    }
    render->refs[0] = (struct fl_cell){soft->refs[0].i, soft->refs[0].j, 1};
    render->n_refs = 1;
    render->stretch.kind = FL_STRETCH_AROUND;
    render->window[2] = render->w = w;
    render->window[3] = render->h = h;
    soft->frame.map = soft->map;
    if (fl_answer_make_room(&soft->frame))
        return soft;
    bench_soft_destroy(soft);
    return NULL;
}

void bench_soft_destroy(struct bench_soft *soft)
{
    if (!soft)
        return;
    fl_references_unref(soft->references);
    fl_map_unref(soft->map);
    fl_crew_destroy(soft->crew);
    free(soft->frame.pixels);
    free(soft->cells);
    free(soft->numbers);
    free(soft);
}

void bench_soft_compare(struct bench_soft *soft, size_t n)
{
    struct fl_soft_pass pass = {.map = soft->map,
                                .form = FL_FORM_CHORD,
                                .norms = FL_NORMS_ZERO,
                                .refs = soft->refs,
                                .n_refs = n};

    if (!fl_soft_pass_run(soft->crew, &pass))
        fprintf(stderr, "not compared\n");
}

static struct fl_soft_cells_of numbers_of(const struct bench_soft *soft)
{
    const struct fl_map_facts *facts = fl_map_facts(soft->map);
    return (struct fl_soft_cells_of){soft->numbers, facts->w, facts->h};
}

void bench_soft_curve(struct bench_soft *soft)
{
    const struct fl_map_facts *facts = fl_map_facts(soft->map);
    const struct fl_soft_chords chords = {soft->cells, NULL, (size_t)facts->w * (size_t)facts->h};

    fl_soft_pass_curve(soft->crew, &chords, FL_CURVE_ANGULAR, soft->numbers);
}

void bench_soft_reduce(struct bench_soft *soft)
{
    const struct fl_render *render = &soft->frame.render;
    struct fl_soft_cells_of cells = numbers_of(soft);
    struct fl_reduce_task task = {
        .refs = render->refs, .n_refs = render->n_refs, .stretch = render->stretch};

    fl_soft_stats(soft->crew, &cells, &task, &soft->stats);
}

void bench_soft_present(struct bench_soft *soft)
{
    struct fl_soft_cells_of cells = numbers_of(soft);

    if (!fl_soft_present(soft->crew, &cells, &soft->stats, false, &soft->frame))
        fprintf(stderr, "not presented\n");
}
