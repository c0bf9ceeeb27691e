#include "compare.h"

#include "answer.h"
#include "server/data/references.h"

#include <math.h>
#include <string.h>

void fl_compare_init(struct fl_compare *self, const struct fl_limits *limits)
{
    *self = (struct fl_compare){.limits = *limits};
    fl_similarity_init(&self->similarity, limits);
}

void fl_compare_finish(struct fl_compare *self)
{
    fl_similarity_finish(&self->similarity);
    fl_scores_finish(&self->scores);
    *self = (struct fl_compare){0};
}

static const float *vector_of(const struct fl_references *references, uint32_t k)
{
    return references->vectors + (size_t)k * (size_t)references->d;
}

// What is taken from the map's values: what the norms were made with. Only angles have such.
static void set_shift(struct fl_similarity_task *task, const struct fl_resident *resident,
                      enum fl_norms norms)
{
    const struct fl_map_stats *stats = fl_map_stats(resident->map);

    if (norms == FL_NORMS_MIN) {
        task->shift = FL_SHIFT_ONE;
        task->min = stats->min;
    } else if (norms == FL_NORMS_CENTRED) {
        task->shift = FL_SHIFT_RASTER;
        task->shifts = &resident->norms[norms].shifts;
        task->has_negative = true;
    } else {
        task->has_negative = stats->min < 0;
    }
}

static struct fl_similarity_task task_of(const struct fl_frame *frame,
                                         const struct fl_resident *resident)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_stats *stats = fl_map_stats(resident->map);
    enum fl_norms norms = fl_metric_norms_of(render);
    struct fl_similarity_task task = {
        .features = &resident->features,
        .inverse = &resident->norms[norms].inverse,
        .form = fl_metric_form(render->metric),
        .largest = fmaxf(fmaxf(fabsf(stats->min), fabsf(stats->max)), frame->references->largest),
    };

    if (task.form == FL_FORM_CHORD)
        set_shift(&task, resident, norms);
    task.has_negative = task.has_negative || frame->references->has_negative;
    return task;
}

// One reference alone, into what those before it left.
static bool draw_one(struct fl_compare *self, const struct fl_similarity_task *task, bool joins,
                     const struct fl_raster *out)
{
    struct fl_similarity *similarity = &self->similarity;
    const struct fl_raster *alone = joins ? fl_combine_alone(&similarity->combine, out) : out;

    if (!alone || !fl_similarity_draw(similarity, task, alone))
        return false;
    struct fl_combine_task join = {
        .made = alone->texture, .n = 1, .joins = true, .form = task->form};
    return !joins || fl_combine_draw(&similarity->combine, &join, out);
}

static bool draw_similarity(struct fl_compare *self, const struct fl_frame *frame,
                            const struct fl_resident *resident, const struct fl_score *score)
{
    const struct fl_references *references = frame->references;
    struct fl_similarity_task task = task_of(frame, resident);
    bool begun[2] = {false, false};

    for (uint32_t k = 0; k < references->n; k++) {
        const struct fl_cell *cell = &references->cells[k];
        bool unlike = cell->sign < 0;
        task.vector = vector_of(references, k);
        task.ref[0] = cell->i;
        task.ref[1] = cell->j;
        if (!draw_one(self, &task, begun[unlike], unlike ? &score->unlike : &score->raw))
            return false;
        begun[unlike] = true;
    }
    return true;
}

static bool is_shared(const struct fl_render *render) // its pass can serve several references
{
    return fl_metric_is_chord(render) && fl_metric_norms_of(render) != FL_NORMS_CENTRED;
}

static bool is_together(const struct fl_frame *a, const struct fl_frame *b)
{
    return a->map == b->map && is_shared(&b->render) &&
           fl_metric_norms_of(&a->render) == fl_metric_norms_of(&b->render);
}

struct together { // what is missing, each once
    struct fl_chords_ref refs[FL_CHORDS_MOST];
    struct fl_score *scores[FL_CHORDS_MOST];
    size_t n, n_refs;
    size_t most; // scores that can be filled together and kept
    bool has_negative;
};

static bool has_key(const struct together *all, const struct fl_score_key *key)
{
    for (size_t i = 0; i < all->n; i++)
        if (fl_score_key_equal(&all->scores[i]->key, key))
            return true;
    return false;
}

// References of one sign behind each other: they share a raster.
static void add_references(const struct fl_references *references, int32_t sign,
                           const struct fl_raster *out, struct together *all)
{
    bool begun = false;

    for (uint32_t k = 0; k < references->n; k++) {
        const struct fl_cell *cell = &references->cells[k];
        if (cell->sign != sign)
            continue;
        all->refs[all->n_refs++] = (struct fl_chords_ref){
            .vector = vector_of(references, k),
            .cell = {cell->i, cell->j},
            .out = out,
            .joins = begun,
        };
        begun = true;
    }
}

static void add_missing(struct fl_compare *self, const struct fl_frame *frame, struct together *all)
{
    const struct fl_references *references = frame->references;
    struct fl_score_key key;

    fl_score_key_of(frame, &key);
    if (all->n == all->most || all->n_refs + references->n > FL_CHORDS_MOST ||
        fl_scores_have(&self->scores, &key) || has_key(all, &key))
        return;
    struct fl_score *score = fl_scores_take(&self->scores, frame, &self->limits);
    if (!score)
        return;
    all->scores[all->n++] = score;
    add_references(references, 1, &score->raw, all);
    add_references(references, -1, &score->unlike, all);
    all->has_negative = all->has_negative || references->has_negative;
}

void fl_compare_together(struct fl_compare *self, struct fl_frame *const *frames, size_t n,
                         const struct fl_resident *resident)
{
    const struct fl_features *features = &resident->features;
    struct fl_chords *chords = &self->similarity.chords;
    struct together all = {.most = fl_scores_together(features->w, features->h)};
    struct fl_score_key first;

    fl_score_key_of(frames[0], &first);
    if (!is_shared(&frames[0]->render) || fl_scores_have(&self->scores, &first))
        return; // nothing is to be compared for the first
    struct fl_similarity_task like = task_of(frames[0], resident);
    all.has_negative = like.has_negative;
    // Where a pass takes but one, each alone is as good; where it takes fewer, several follow.
    if (fl_chords_most(chords, features, like.has_negative) < 2)
        return;
    for (size_t i = 0; i < n; i++)
        if (is_together(frames[0], frames[i]))
            add_missing(self, frames[i], &all);
    struct fl_chords_task task = {
        .features = features,
        .inverse = like.inverse,
        .has_negative = all.has_negative,
        .shift = like.shift == FL_SHIFT_ONE ? like.min : 0,
        .pixels = 8,
        .refs = all.refs,
        .n_refs = all.n_refs,
        .combine = &self->similarity.combine,
    };
    bool done = all.n_refs > 1 && fl_chords_draw(chords, &task);
    for (size_t i = 0; i < all.n; i++)
        all.scores[i]->filled = done; // else each is drawn alone
}

static const struct fl_raster *curve(const struct fl_cellwise *cellwise, struct fl_score *score,
                                     enum fl_curve curve)
{
    if (score->curve != curve)
        fl_cellwise_curve(cellwise, score->has_like ? &score->raw : NULL,
                          score->has_unlike ? &score->unlike : NULL, curve, &score->made);
    score->curve = curve;
    return &score->made;
}

const struct fl_raster *fl_compare_draw(struct fl_compare *self, const struct fl_cellwise *cellwise,
                                        const struct fl_frame *frame,
                                        const struct fl_resident *resident)
{
    const struct fl_render *render = &frame->render;
    struct fl_score *score = fl_scores_take(&self->scores, frame, &self->limits);

    if (!score)
        return NULL;
    if (!score->filled && render->mode == FL_MODE_SIMILARITY) {
        if (!draw_similarity(self, frame, resident, score))
            return NULL;
    } else if (!score->filled) {
        bool norm = render->mode == FL_MODE_NORM;
        fl_cellwise_channel(cellwise, &resident->features, &resident->norms[FL_NORMS_ZERO].inverse,
                            norm ? FL_CHANNEL_NORM : (int32_t)render->channel, &score->raw);
    }
    score->filled = true;
    return fl_metric_is_chord(render) ? curve(cellwise, score, fl_metric_curve(render->metric))
                                      : &score->raw;
}
