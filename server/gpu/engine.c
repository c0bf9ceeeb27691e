#define LOG_MODULE "gpu"
#include "engine.h"

#include "answer.h"
#include "backdrop.h"
#include "budget.h"
#include "card.h"
#include "egl.h"
#include "gpu.h"
#include "painter.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "store.h"
#include "trial.h"

#include <stdio.h>

static const uint64_t ONE_SECOND = 1000000000;
static const uint64_t PATIENCE = 32; // passes without a moment for a trial

struct fl_engine {
    struct fl_egl *egl;
    struct fl_limits limits;
    const struct fl_tuning *tuning; // borrowed, or NULL
    struct fl_store store;
    struct fl_backdrops backdrops;
    struct fl_painter painter;
    struct fl_readback readback;
    uint64_t passes_before;  // of the self-test
    struct fl_map *untried;  // shared reference, or NULL: one that may tell the fastest way
    uint64_t passes_untried; // by then at the latest
};

static enum fl_err set_up(struct fl_engine *engine, const struct fl_gpu_options *options,
                          struct fl_error *error)
{
    bool software = fl_egl_is_software(engine->egl);
    bool ring = !software || (engine->tuning && engine->tuning->ring);
    uint64_t budget = options->memory ? options->memory : fl_budget_default(software);

    fl_gl_log_messages();
    engine->limits = fl_limits_read(software, engine->tuning);
    engine->limits.half = options->half;
    if (options->half)
        log_info("feature maps in GPU memory are of half precision: s is within 7e-4, channels "
                 "within 0.1 %%");
    fl_store_init(&engine->store, &engine->limits, budget);
    fl_backdrops_init(&engine->backdrops, &engine->limits);
    if (!fl_painter_init(&engine->painter, &engine->limits) ||
        !fl_readback_init(&engine->readback, !ring))
        return fl_fail(error, FL_ERR_GPU,
                       "The GPU's driver refused a shader or had no memory, see the log; update "
                       "it, choose another GPU with --gpu, or pass --software.");
    if (engine->tuning)
        engine->painter.compare.similarity.way = engine->tuning->way;
    enum fl_err err = fl_card_check(&engine->painter, &engine->readback, error);
    engine->passes_before = fl_similarity_passes(&engine->painter.compare.similarity);
    return err;
}

struct fl_engine *fl_engine_create(const struct fl_gpu_options *options,
                                   const struct fl_tuning *tuning, struct fl_error *error)
{
    struct fl_engine *engine = fl_new(struct fl_engine);

    engine->tuning = tuning;
    engine->egl = fl_egl_create(options->which, options->software, error);
    if (engine->egl && !set_up(engine, options, error))
        return engine;
    fl_engine_destroy(engine);
    return NULL;
}

void fl_engine_destroy(struct fl_engine *engine)
{
    if (!engine)
        return;
    if (engine->egl) { // else nothing was made, and no GL function may be called
        fl_map_unref(engine->untried);
        fl_store_finish(&engine->store);
        fl_backdrops_finish(&engine->backdrops);
        fl_painter_finish(&engine->painter);
        fl_readback_finish(&engine->readback);
    }
    fl_egl_destroy(engine->egl);
    free(engine);
}

static void copy_text(char *out, size_t size, GLenum name)
{
    const GLubyte *text = glGetString(name);

    (void)snprintf(out, size, "%s", text ? (const char *)text : "unknown");
}

void fl_engine_describe(const struct fl_engine *engine, struct fl_gpu_info *out)
{
    copy_text(out->name, sizeof out->name, GL_RENDERER);
    copy_text(out->version, sizeof out->version, GL_VERSION);
    out->software = engine->limits.software;
    out->budget = engine->store.budget;
}

static bool needs_picture(const struct fl_frame *frame)
{
    return frame->picture && frame->render.output == FL_OUT_COLOUR &&
           frame->render.picture != FL_UNDER_NONE;
}

bool fl_engine_is_ready(struct fl_engine *engine, const struct fl_frame *frame)
{
    return fl_store_find(&engine->store, frame->map, fl_metric_norms_of(&frame->render)) &&
           (!needs_picture(frame) || fl_backdrops_find(&engine->backdrops, frame->picture));
}

enum fl_err fl_engine_upload(struct fl_engine *engine, struct fl_frame *frame)
{
    if (!fl_store_find(&engine->store, frame->map, fl_metric_norms_of(&frame->render)))
        return fl_store_fill(&engine->store, frame->map, fl_metric_norms_of(&frame->render),
                             &frame->error);
    if (!fl_backdrops_fill(&engine->backdrops, frame->picture))
        return fl_fail(&frame->error, FL_ERR_TOO_BIG,
                       "There is no memory for the input picture on the GPU; close other scenes.");
    return FL_OK;
}

bool fl_engine_prepare(struct fl_engine *engine)
{
    return fl_chords_prepare(&engine->painter.compare.similarity.chords);
}

void fl_engine_forget(struct fl_engine *engine, const struct fl_map *map)
{
    fl_store_drop(&engine->store, map);
}

bool fl_engine_has_room(struct fl_engine *engine)
{
    return fl_readback_free(&engine->readback) != NULL;
}

bool fl_engine_is_busy(struct fl_engine *engine)
{
    return fl_readback_oldest(&engine->readback) != NULL;
}

static bool wait_for(const struct fl_engine *engine, const struct fl_slot *slot)
{
    while (!fl_slot_done(slot, ONE_SECOND)) {
        if (fl_engine_is_lost(engine))
            return false;
    }
    return true;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

// Mostly one piece. A picture larger than a texture can be has several: all but the last are waited
// for, the last one is left on its way.
static bool draw_pieces(struct fl_engine *engine, struct fl_slot *slot, struct fl_frame *frame,
                        const struct fl_present_task *task)
{
    int32_t side = engine->limits.side;
    bool direct = engine->readback.direct, first = true;

    for (int32_t y = 0; y < frame->h; y += smaller(side, frame->h - y)) {
        for (int32_t x = 0; x < frame->w; x += smaller(side, frame->w - x), first = false) {
            if (!first && !(wait_for(engine, slot) &&
                            fl_slot_take(slot, direct, frame->pixels, frame->w, frame->channels)))
                return false;
            slot->piece =
                (struct fl_rect){x, y, smaller(side, frame->w - x), smaller(side, frame->h - y)};
            if (!fl_slot_target(slot, fl_present_format(task->output), slot->piece.w,
                                slot->piece.h))
                return false;
            fl_present_draw(&engine->painter.present, task, slot->piece, &slot->target);
            fl_slot_begin(slot, direct);
        }
    }
    return fl_gl_ok("present");
}

static void fail_read(struct fl_frame *frame)
{
    fl_fail(&frame->error, FL_ERR_GPU,
            "The GPU failed while the picture was drawn or read back; the server's log has the "
            "driver's words.");
}

void fl_engine_compare(struct fl_engine *engine, struct fl_frame *const *frames, size_t n)
{
    const struct fl_resident *resident =
        fl_store_find(&engine->store, frames[0]->map, fl_metric_norms_of(&frames[0]->render));

    fl_compare_together(&engine->painter.compare, frames, n, resident);
}

uint64_t fl_engine_passes(const struct fl_engine *engine)
{
    return fl_similarity_passes(&engine->painter.compare.similarity) - engine->passes_before;
}

static void note_untried(struct fl_engine *engine, const struct fl_frame *frame)
{
    if (engine->painter.compare.similarity.way != FL_WAY_MEASURED || engine->untried ||
        !fl_metric_is_chord(&frame->render))
        return;
    engine->untried = fl_map_ref(frame->map);
    engine->passes_untried = fl_engine_passes(engine) + PATIENCE;
}

bool fl_engine_try(struct fl_engine *engine)
{
    struct fl_map *map = engine->untried;
    const struct fl_resident *resident =
        map ? fl_store_find(&engine->store, map, FL_NORMS_ZERO) : NULL;

    engine->untried = NULL;
    if (resident)
        fl_trial_run(&engine->painter.compare.similarity, resident, &engine->limits);
    fl_map_unref(map);
    return resident != NULL;
}

bool fl_engine_begin(struct fl_engine *engine, struct fl_frame *frame)
{
    struct fl_slot *slot = fl_readback_free(&engine->readback);
    struct fl_resident *resident =
        fl_store_find(&engine->store, frame->map, fl_metric_norms_of(&frame->render));
    const struct fl_backdrop *backdrop =
        needs_picture(frame) ? fl_backdrops_find(&engine->backdrops, frame->picture) : NULL;
    struct fl_present_task task;

    if (engine->untried && fl_engine_passes(engine) > engine->passes_untried)
        fl_engine_try(engine);
    if (engine->painter.compare.similarity.way == FL_WAY_BUFFER &&
        fl_metric_is_chord(&frame->render))
        fl_store_mirror(&engine->store, resident, &engine->painter.compare.similarity.lanes);
    frame->us_render = fl_now_us();
    if (!fl_answer_make_room(frame) ||
        !fl_painter_prepare(&engine->painter, frame, resident, backdrop, slot->stats, &task))
        return false;
    if (!draw_pieces(engine, slot, frame, &task)) {
        fail_read(frame);
        return false;
    }
    note_untried(engine, frame);
    fl_readback_push(&engine->readback, frame);
    return true;
}

struct fl_frame *fl_engine_take(struct fl_engine *engine, uint64_t nanoseconds)
{
    struct fl_slot *slot = fl_readback_oldest(&engine->readback);
    bool direct = engine->readback.direct;
    struct fl_stats stats = {0};

    if (!slot || !fl_slot_done(slot, nanoseconds))
        return NULL;
    struct fl_frame *frame = slot->frame;
    frame->us_read = fl_now_us();
    if (fl_slot_take(slot, direct, frame->pixels, frame->w, frame->channels) &&
        fl_slot_stats(slot, direct, &stats))
        fl_painter_tell(frame, &stats);
    else
        fail_read(frame);
    frame->us_rendered = fl_now_us();
    return fl_readback_pop(&engine->readback);
}

struct fl_frame *fl_engine_abandon(struct fl_engine *engine)
{
    return fl_engine_is_busy(engine) ? fl_readback_pop(&engine->readback) : NULL;
}

bool fl_engine_is_lost(const struct fl_engine *engine)
{
    if (engine->tuning && engine->tuning->reset_status)
        return engine->tuning->reset_status(engine->tuning->user) != 0;
    return fl_egl_reset_status(engine->egl) != 0;
}
