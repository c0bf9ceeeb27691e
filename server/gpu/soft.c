#include "soft.h"

#include "answer.h"
#include "painter.h"
#include "score_key.h"
#include "server/base/clock.h"
#include "server/base/crew.h"
#include "server/base/mem.h"
#include "server/data/references.h"
#include "soft_channel.h"
#include "soft_kernels.h"
#include "soft_pass.h"
#include "soft_present.h"
#include "widened.h"

#include <math.h>
#include <string.h>

// What the passes over maps found last, kept as the GPU's painter does (score.h): another stretch,
// window or size, or another metric of angles, costs no pass.
struct plane {    // one number a cell
    float *cells; // owned
    size_t room;
};

struct score {
    struct fl_score_key key;
    bool filled;
    bool has_like, has_unlike;
    struct plane like, unlike; // with the nearest reference; with the nearest negative one
    uint64_t used;
};

enum { SCORES = FL_SOFT_MOST + 4 };

struct fl_soft {
    struct fl_crew *crew;
    struct fl_widened *widened;
    struct score scores[SCORES];
    struct plane curved; // the numbers of the frame at hand
    uint64_t clock;
};

struct fl_soft *fl_soft_create(unsigned threads, uint64_t memory)
{
    struct fl_soft *soft = fl_new(struct fl_soft);

    soft->crew = fl_crew_create(threads);
    soft->widened = fl_widened_create(memory);
    return soft;
}

void fl_soft_destroy(struct fl_soft *soft)
{
    if (!soft)
        return;
    for (size_t i = 0; i < SCORES; i++) {
        free(soft->scores[i].like.cells);
        free(soft->scores[i].unlike.cells);
    }
    free(soft->curved.cells);
    fl_widened_destroy(soft->widened);
    fl_crew_destroy(soft->crew);
    free(soft);
}

bool fl_soft_can(const struct fl_frame *frame)
{
    return frame->render.output == FL_OUT_LEVELS || frame->render.output == FL_OUT_VALUES;
}

bool fl_soft_together(const struct fl_frame *a, const struct fl_frame *b)
{
    return a->map == b->map && fl_metric_is_chord(&a->render) && fl_metric_is_chord(&b->render) &&
           fl_metric_norms_of(&a->render) == fl_metric_norms_of(&b->render);
}

static struct score *find_score(struct fl_soft *soft, const struct fl_score_key *key)
{
    for (size_t i = 0; i < SCORES; i++)
        if (soft->scores[i].filled && fl_score_key_equal(&soft->scores[i].key, key))
            return &soft->scores[i];
    return NULL;
}

static bool grow(struct plane *plane, size_t n)
{
    if (plane->room >= n)
        return true;
    free(plane->cells);
    plane->cells = malloc(n * sizeof *plane->cells);
    plane->room = plane->cells ? n : 0;
    return plane->cells != NULL;
}

// The one unused for the longest, made ready for n cells of this key. NULL: no memory.
static struct score *take_score(struct fl_soft *soft, const struct fl_score_key *key, size_t n,
                                bool has_unlike)
{
    struct score *oldest = &soft->scores[0];

    for (size_t i = 1; i < SCORES; i++)
        if (soft->scores[i].used < oldest->used)
            oldest = &soft->scores[i];
    oldest->filled = false;
    if (!grow(&oldest->like, n) || (has_unlike && !grow(&oldest->unlike, n)))
        return NULL;
    memcpy(&oldest->key, key, sizeof *key);
    oldest->filled = true;
    oldest->has_like = true;
    oldest->has_unlike = has_unlike;
    return oldest;
}

// What could not be filled must not be found.
static void drop_score(struct score *score)
{
    if (!score)
        return;
    score->filled = false;
    score->used = 0;
}

void fl_soft_forget(struct fl_soft *soft, const struct fl_map *map)
{
    uint64_t id = fl_map_facts(map)->id;

    for (size_t i = 0; i < SCORES; i++)
        if (soft->scores[i].key.map == id)
            drop_score(&soft->scores[i]);
    fl_widened_drop(soft->widened, map);
}

static size_t cells_of(const struct fl_frame *frame)
{
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    return (size_t)facts->w * (size_t)facts->h;
}

static void fail(struct fl_frame *frame)
{
    fl_fail(&frame->error, FL_ERR_TOO_BIG,
            "There is no memory to compare %d x %d cells; close other scenes or try later.",
            fl_map_facts(frame->map)->w, fl_map_facts(frame->map)->h);
}

// What the pass is to compare for this frame: references of one sign share a plane.
static void add_references(const struct fl_frame *frame, struct score *score,
                           struct fl_soft_pass *pass, struct fl_soft_ref *refs)
{
    const struct fl_references *references = frame->references;
    bool begun[2] = {false, false};

    score->has_like = fl_references_have(references, 1);
    for (uint32_t k = 0; k < references->n; k++) {
        const struct fl_cell *cell = &references->cells[k];
        bool unlike = cell->sign < 0;
        refs[pass->n_refs++] = (struct fl_soft_ref){
            .vector = references->vectors + (size_t)k * (size_t)references->d,
            .i = cell->i,
            .j = cell->j,
            .out = unlike ? score->unlike.cells : score->like.cells,
            .joins = begun[unlike],
        };
        begun[unlike] = true;
    }
    pass->has_negative = pass->has_negative || references->has_negative;
    pass->largest = fmaxf(pass->largest, references->largest);
}

// One pass for all frames whose scores are not kept. False without memory.
static bool compare(struct fl_soft *soft, struct fl_frame *const *frames, size_t n,
                    struct score *scores[])
{
    const struct fl_render *render = &frames[0]->render;
    struct fl_soft_ref refs[FL_SOFT_MOST];
    struct fl_soft_pass pass = {.map = frames[0]->map,
                                .form = fl_metric_form(render->metric),
                                .norms = fl_metric_norms_of(render),
                                .refs = refs};

    for (size_t i = 0; i < n; i++) {
        struct fl_score_key key;
        fl_score_key_of(frames[i], &key);
        scores[i] = find_score(soft, &key);
        if (!scores[i]) {
            scores[i] = take_score(soft, &key, cells_of(frames[i]),
                                   fl_references_have(frames[i]->references, -1));
            if (!scores[i])
                return false;
            add_references(frames[i], scores[i], &pass, refs);
        }
        scores[i]->used = ++soft->clock; // so that this turn takes none of its own away
    }
    if (pass.n_refs == 0)
        return true;
    pass.values = fl_widened_values(soft->widened, soft->crew, frames[0]->map);
    return fl_soft_pass_run(soft->crew, &pass);
}

static bool look_up(struct fl_soft *soft, const struct fl_frame *frame, struct score **score)
{
    struct fl_score_key key;

    fl_score_key_of(frame, &key);
    *score = find_score(soft, &key);
    if (*score) {
        (*score)->used = ++soft->clock;
        return true;
    }
    *score = take_score(soft, &key, cells_of(frame), false);
    if (!*score)
        return false;
    (*score)->used = ++soft->clock;
    const struct fl_soft_channel task = {frame->map,
                                         fl_widened_values(soft->widened, soft->crew, frame->map),
                                         frame->render.mode, frame->render.channel};
    return fl_soft_channel_run(soft->crew, &task, (*score)->like.cells);
}

// Passes 2 to 4 of one frame, which go along its rows together.
struct finish {
    const float *like, *unlike; // chords; one of them may be NULL
    float *numbers;             // made of them
    enum fl_curve curve;
    struct fl_soft_cells_of cells;
    struct fl_soft_present present;
};

enum { CURVE_BLOCK = 1024 };

// Less the numbers of the negative references.
static void take_unlike(const struct finish *finish, size_t first, size_t n)
{
    float unlike[CURVE_BLOCK];

    for (size_t at = 0; at < n; at += CURVE_BLOCK) {
        size_t block = n - at < CURVE_BLOCK ? n - at : CURVE_BLOCK;
        float *out = finish->numbers + first + at;
        fl_soft_kernels()->curve(finish->unlike + first + at, block, finish->curve, unlike);
        for (size_t i = 0; i < block; i++)
            out[i] -= unlike[i];
    }
}

static void curve_rows(void *user, int32_t from, int32_t to)
{
    const struct finish *finish = user;
    size_t w = (size_t)finish->cells.w, first = (size_t)from * w, n = (size_t)(to - from) * w;

    if (finish->like)
        fl_soft_kernels()->curve(finish->like + first, n, finish->curve, finish->numbers + first);
    else
        memset(finish->numbers + first, 0, n * sizeof *finish->numbers);
    if (finish->unlike)
        take_unlike(finish, first, n);
}

static void present_rows(void *user, int32_t from, int32_t to)
{
    const struct finish *finish = user;

    fl_soft_present_rows(&finish->present, from, to);
}

static bool present(struct fl_soft *soft, struct fl_frame *frame, const struct score *score)
{
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    bool chord = fl_metric_is_chord(&frame->render);
    bool whole = fl_soft_present_is_whole(&frame->render);
    struct fl_reduce_task task = fl_painter_reduce_task(frame);
    struct fl_stats stats;

    if (!fl_answer_make_room(frame) || (chord && !grow(&soft->curved, cells_of(frame))))
        return false;
    struct finish finish = {
        .like = score->has_like ? score->like.cells : NULL,
        .unlike = score->has_unlike ? score->unlike.cells : NULL,
        .numbers = soft->curved.cells,
        .curve = chord ? fl_metric_curve(frame->render.metric) : FL_CURVE_NONE,
        .cells = {chord ? soft->curved.cells : score->like.cells, facts->w, facts->h},
        .present = {&finish.cells, &stats, task.smallest, frame},
    };
    struct fl_soft_along along = {chord ? curve_rows : NULL, whole ? present_rows : NULL, &finish};
    fl_soft_stats(soft->crew, &finish.cells, &task, &along, &stats);
    if (!whole)
        fl_soft_present_fewer(&finish.present, soft->crew);
    frame->us_read = fl_now_us();
    fl_painter_tell(frame, &stats);
    frame->us_rendered = fl_now_us();
    return true;
}

void fl_soft_draw(struct fl_soft *soft, struct fl_frame *const *frames, size_t n, fl_frame_fn done,
                  void *user)
{
    struct score *scores[FL_SOFT_MOST] = {NULL};
    bool similarity = frames[0]->render.mode == FL_MODE_SIMILARITY;
    uint64_t now = fl_now_us();

    for (size_t i = 0; i < n; i++)
        frames[i]->us_render = now;
    bool compared =
        similarity ? compare(soft, frames, n, scores) : look_up(soft, frames[0], &scores[0]);
    for (size_t i = 0; i < n; i++) {
        if (!compared)
            drop_score(scores[i]);
        if (!compared || !scores[i] || !present(soft, frames[i], scores[i]))
            fail(frames[i]);
        done(user, frames[i]);
    }
}
