#include "soft.h"

#include "answer.h"
#include "painter.h"
#include "server/base/clock.h"
#include "server/base/crew.h"
#include "server/base/mem.h"
#include "soft_pass.h"
#include "soft_present.h"
#include "widened.h"

#include <string.h>

// What the passes over maps found last, kept as the GPU's painter does (score.h): another stretch,
// window or size, or another metric of angles, costs no pass.
struct key { // zeroed before it is filled: compared as bytes
    const struct fl_map *map;
    int32_t rev, mode, channel, form, norms, ref[2];
};

struct score {
    struct key key;
    struct fl_map *map; // shared reference, so that no other map can have its address; NULL: free
    float *cells;       // owned
    size_t room;
    uint64_t used;
};

enum { SCORES = FL_SOFT_MOST + 4 };

struct fl_soft {
    struct fl_crew *crew;
    struct fl_widened *widened;
    struct score scores[SCORES];
    float *curved; // owned: the numbers of the frame at hand
    size_t room;
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
        fl_map_unref(soft->scores[i].map);
        free(soft->scores[i].cells);
    }
    free(soft->curved);
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

static struct key key_of(const struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    struct key key;

    memset(&key, 0, sizeof key);
    key.map = frame->map;
    key.rev = (int32_t)fl_map_facts(frame->map)->rev;
    key.mode = (int32_t)render->mode;
    key.norms = (int32_t)fl_metric_norms_of(render);
    if (render->mode == FL_MODE_CHANNEL)
        key.channel = (int32_t)render->channel;
    if (render->mode == FL_MODE_SIMILARITY) {
        key.form = (int32_t)fl_metric_form(render->metric);
        key.ref[0] = render->refs[0].i;
        key.ref[1] = render->refs[0].j;
    }
    return key;
}

static struct score *find_score(struct fl_soft *soft, const struct key *key)
{
    const void *wanted = key; // as bytes

    for (size_t i = 0; i < SCORES; i++) {
        const void *kept = &soft->scores[i].key;
        if (soft->scores[i].map && memcmp(kept, wanted, sizeof *key) == 0)
            return &soft->scores[i];
    }
    return NULL;
}

static bool grow(float **cells, size_t *room, size_t n)
{
    if (*room >= n)
        return true;
    free(*cells);
    *cells = malloc(n * sizeof **cells);
    *room = *cells ? n : 0;
    return *cells != NULL;
}

// The one unused for the longest, made ready for n cells of this key. NULL: no memory.
static struct score *take_score(struct fl_soft *soft, const struct key *key, struct fl_map *map,
                                size_t n)
{
    struct score *oldest = &soft->scores[0];

    for (size_t i = 1; i < SCORES; i++)
        if (soft->scores[i].used < oldest->used)
            oldest = &soft->scores[i];
    fl_map_unref(oldest->map);
    oldest->map = NULL;
    if (!grow(&oldest->cells, &oldest->room, n))
        return NULL;
    memcpy(&oldest->key, key, sizeof *key);
    oldest->map = fl_map_ref(map);
    return oldest;
}

// What could not be filled must not be found.
static void drop_score(struct score *score)
{
    if (!score)
        return;
    fl_map_unref(score->map);
    score->map = NULL;
    score->used = 0;
}

void fl_soft_forget(struct fl_soft *soft, const struct fl_map *map)
{
    for (size_t i = 0; i < SCORES; i++)
        if (soft->scores[i].map == map)
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
        struct key key = key_of(frames[i]);
        scores[i] = find_score(soft, &key);
        if (!scores[i]) {
            const struct fl_cell *ref = &frames[i]->render.refs[0];
            scores[i] = take_score(soft, &key, frames[i]->map, cells_of(frames[i]));
            if (!scores[i])
                return false;
            refs[pass.n_refs++] =
                (struct fl_soft_ref){frames[i]->vector, ref->i, ref->j, scores[i]->cells};
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
    struct key key = key_of(frame);

    *score = find_score(soft, &key);
    if (*score) {
        (*score)->used = ++soft->clock;
        return true;
    }
    *score = take_score(soft, &key, frame->map, cells_of(frame));
    if (!*score)
        return false;
    (*score)->used = ++soft->clock;
    struct fl_soft_pass pass = {.map = frame->map};
    pass.values = fl_widened_values(soft->widened, soft->crew, frame->map);
    return fl_soft_pass_channel(soft->crew, &pass, frame->render.mode, frame->render.channel,
                                (*score)->cells);
}

static const float *numbers_of(struct fl_soft *soft, const struct fl_frame *frame,
                               const struct score *score)
{
    const struct fl_render *render = &frame->render;
    size_t n = cells_of(frame);

    if (!fl_metric_is_chord(render))
        return score->cells;
    if (!grow(&soft->curved, &soft->room, n))
        return NULL;
    fl_soft_pass_curve(soft->crew, score->cells, n, fl_metric_curve(render->metric), soft->curved);
    return soft->curved;
}

// Passes 2 to 4 of one frame.
static bool present(struct fl_soft *soft, struct fl_frame *frame, const struct score *score)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    bool similarity = render->mode == FL_MODE_SIMILARITY;
    struct fl_reduce_task task = {
        .refs = render->refs,
        .n_refs = similarity ? render->n_refs : 0,
        .smallest = similarity && fl_metric_is_distance(render->metric),
        .stretch = render->stretch,
    };
    struct fl_soft_cells_of cells = {numbers_of(soft, frame, score), facts->w, facts->h};
    struct fl_stats stats;

    if (!cells.values || !fl_answer_make_room(frame))
        return false;
    fl_soft_stats(soft->crew, &cells, &task, &stats);
    frame->us_read = fl_now_us();
    if (!fl_soft_present(soft->crew, &cells, &stats, task.smallest, frame))
        return false;
    fl_painter_tell(frame, &stats);
    frame->us_rendered = fl_now_us();
    return true;
}

void fl_soft_draw(struct fl_soft *soft, struct fl_frame *const *frames, size_t n)
{
    struct score *scores[FL_SOFT_MOST] = {NULL};
    bool similarity = frames[0]->render.mode == FL_MODE_SIMILARITY;
    uint64_t now = fl_now_us();

    for (size_t i = 0; i < n; i++)
        frames[i]->us_render = now;
    bool done =
        similarity ? compare(soft, frames, n, scores) : look_up(soft, frames[0], &scores[0]);
    for (size_t i = 0; i < n; i++) {
        if (!done)
            drop_score(scores[i]);
        if (!done || !scores[i] || !present(soft, frames[i], scores[i]))
            fail(frames[i]);
    }
}
