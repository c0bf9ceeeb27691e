#include "pass_soft.h"

#include "server/base/crew.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/data/references.h"
#include "server/data/source.h"
#include "server/gpu/soft.h"
#include "server/gpu/soft_pass.h"

#include <stdio.h>

enum { REFS = FL_MAX_REFS };

struct bench_soft {
    struct fl_crew *crew;
    struct fl_soft *engine;
    struct fl_map *map;
    struct fl_frame frame;
    struct fl_references *references;
    struct fl_soft_ref refs[REFS];
    float *cells; // REFS of w * h
    int32_t turn;
};

static struct fl_map *make_map(const float *values, int32_t w, int32_t h, int32_t d)
{
    struct fl_map_source source = fl_map_source_of(values, w, h, d);
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
    soft->engine = fl_soft_create(fl_cores(), 0);
    soft->map = make_map(values, w, h, d);
    soft->cells = malloc(REFS * all * sizeof(float));
    if (!soft->map || !soft->cells || !choose_refs(soft)) {
        bench_soft_destroy(soft);
        return NULL;
    }
    render->n_refs = 1;
    render->window[2] = render->w = w;
    render->window[3] = render->h = h;
    soft->frame.map = soft->map;
    return soft;
}

void bench_soft_destroy(struct bench_soft *soft)
{
    if (!soft)
        return;
    fl_references_unref(soft->references);
    fl_map_unref(soft->map);
    fl_crew_destroy(soft->crew);
    fl_soft_destroy(soft->engine);
    free(soft->cells);
    free(soft);
}

void bench_soft_compare(struct bench_soft *soft, size_t n)
{
    struct fl_soft_pass pass = {.map = soft->map,
                                .values = fl_map_rows(soft->map, 0),
                                .form = FL_FORM_CHORD,
                                .norms = FL_NORMS_ZERO,
                                .refs = soft->refs,
                                .n_refs = n};

    if (!fl_soft_pass_run(soft->crew, &pass))
        fprintf(stderr, "not compared\n");
}

// The frame stays with the caller.
static void keep(void *user, struct fl_frame *frame)
{
    (void)user;
    (void)frame;
}

void bench_soft_frame(struct bench_soft *soft, enum fl_stretch_kind kind, bool compared)
{
    const struct fl_map_facts *facts = fl_map_facts(soft->map);
    struct fl_frame *frame = &soft->frame;

    soft->turn += compared ? 0 : 997;
    int32_t cell = soft->turn % (facts->w * facts->h);
    frame->render.refs[0] = (struct fl_cell){cell % facts->w, cell / facts->w, 1};
    frame->render.stretch = (struct fl_stretch){kind, 2, 98};
    frame->references = fl_references_create(soft->map, false, &frame->render, &frame->error);
    if (frame->references)
        fl_soft_draw(soft->engine, &frame, 1, keep, NULL);
    fl_references_unref(frame->references);
    frame->references = NULL;
    if (frame->error.code)
        fprintf(stderr, "%s\n", frame->error.text);
    free(frame->pixels);
    frame->pixels = NULL;
}
