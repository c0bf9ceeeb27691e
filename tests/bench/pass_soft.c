#include "pass_soft.h"

#include "server/base/crew.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/gpu/soft.h"
#include "server/gpu/soft_pass.h"

#include <stdio.h>

struct bench_soft {
    struct fl_crew *crew;
    struct fl_soft *engine;
    struct fl_map *map; // borrowed
    struct fl_frame frame;
    struct fl_soft_ref refs[FL_MAX_REFS];
    float *cells; // owned; w * h for each of them
    int32_t turn;
};

struct bench_soft *bench_soft_create(struct fl_map *map, const struct fl_references *references)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    struct bench_soft *soft = fl_new(struct bench_soft);
    struct fl_render *render = &soft->frame.render;
    size_t all = (size_t)facts->w * (size_t)facts->h;

    soft->map = soft->frame.map = map;
    soft->crew = fl_crew_create(fl_cores());
    soft->engine = fl_soft_create(fl_cores(), 0);
    soft->cells = malloc(references->n * all * sizeof(float));
    if (!soft->cells) {
        bench_soft_destroy(soft);
        return NULL;
    }
    for (size_t k = 0; k < references->n; k++)
        soft->refs[k] = (struct fl_soft_ref){
            .vector = references->vectors + k * (size_t)facts->d,
            .i = references->cells[k].i,
            .j = references->cells[k].j,
            .out = soft->cells + k * all,
        };
    render->n_refs = 1;
    render->window[2] = render->w = facts->w;
    render->window[3] = render->h = facts->h;
    return soft;
}

void bench_soft_destroy(struct bench_soft *soft)
{
    if (!soft)
        return;
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
