#include "painter.h"

#include "answer.h"
#include "server/data/picture.h"

#include <math.h>
#include <string.h>

bool fl_painter_init(struct fl_painter *self, const struct fl_limits *limits)
{
    *self = (struct fl_painter){.limits = *limits};
    fl_similarity_init(&self->similarity, limits);
    return fl_cellwise_init(&self->cellwise) && fl_reduce_init(&self->reduce) &&
           fl_present_init(&self->present);
}

void fl_painter_finish(struct fl_painter *self)
{
    fl_similarity_finish(&self->similarity);
    fl_cellwise_finish(&self->cellwise);
    fl_reduce_finish(&self->reduce);
    fl_present_finish(&self->present);
    fl_scores_finish(&self->scores);
    fl_raster_finish(&self->shrunk);
    *self = (struct fl_painter){0};
}

static bool is_distance(const struct fl_render *render)
{
    return render->mode == FL_MODE_SIMILARITY && fl_metric_is_distance(render->metric);
}

static struct fl_score_key key_of(const struct fl_render *render,
                                  const struct fl_resident *resident)
{
    struct fl_score_key key;

    memset(&key, 0, sizeof key);
    key.resident = resident->id;
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

// The task's shift: what the norms were made with. Only angles have one.
static void set_shift(struct fl_similarity_task *task, const struct fl_resident *resident,
                      enum fl_norms norms, size_t at)
{
    const struct fl_map_stats *stats = fl_map_stats(resident->map);

    if (norms == FL_NORMS_MIN) {
        task->shift = FL_SHIFT_ONE;
        task->min = task->ref_shift = stats->min;
    } else if (norms == FL_NORMS_CENTRED) {
        task->shift = FL_SHIFT_RASTER;
        task->shifts = &resident->norms[norms].shifts;
        task->ref_shift = fl_map_shifts(resident->map, norms)[at];
        task->has_negative = true;
    } else {
        task->has_negative = stats->min < 0;
    }
}

static bool draw_similarity(struct fl_painter *self, const struct fl_frame *frame,
                            const struct fl_resident *resident, const struct fl_raster *out)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_stats *stats = fl_map_stats(resident->map);
    const struct fl_cell *ref = &render->refs[0];
    enum fl_norms norms = fl_metric_norms_of(render);
    size_t at = (size_t)ref->j * (size_t)resident->features.w + (size_t)ref->i;
    struct fl_similarity_task task = {
        .features = &resident->features,
        .inverse = &resident->norms[norms].inverse,
        .form = fl_metric_form(render->metric),
        .largest = fmaxf(fabsf(stats->min), fabsf(stats->max)),
        .vector = frame->vector,
        .ref_inverse = fl_map_inverse_norms(resident->map, norms)[at],
        .ref = {ref->i, ref->j},
    };

    if (task.form == FL_FORM_CHORD)
        set_shift(&task, resident, norms, at);
    return fl_similarity_draw(&self->similarity, &task, out);
}

static bool is_shared(const struct fl_render *render) // its pass can serve several references
{
    return render->mode == FL_MODE_SIMILARITY && fl_metric_form(render->metric) == FL_FORM_CHORD &&
           fl_metric_norms_of(render) != FL_NORMS_CENTRED;
}

static bool is_together(const struct fl_frame *a, const struct fl_frame *b)
{
    return a->map == b->map && is_shared(&b->render) &&
           fl_metric_norms_of(&a->render) == fl_metric_norms_of(&b->render);
}

static size_t most_together(const struct fl_painter *self, const struct fl_features *features,
                            bool has_negative)
{
    size_t most = fl_chords_most(&self->similarity.chords, features, has_negative);
    size_t kept = fl_scores_together(features->w, features->h);

    // Where a pass takes fewer, several follow one another.
    most = most > 1 ? FL_CHORDS_MOST : 0;
    return kept < most ? kept : most;
}

struct together { // scores that are missing, each once
    struct fl_chords_ref refs[FL_CHORDS_MOST];
    struct fl_score *scores[FL_CHORDS_MOST];
    size_t n;
};

static bool has_key(const struct together *all, const struct fl_score_key *key)
{
    const void *wanted = key; // as bytes

    for (size_t i = 0; i < all->n; i++) {
        const void *taken = &all->scores[i]->key;
        if (memcmp(taken, wanted, sizeof *key) == 0)
            return true;
    }
    return false;
}

static void add_missing(struct fl_painter *self, const struct fl_frame *frame,
                        const struct fl_resident *resident, struct together *all)
{
    const struct fl_cell *ref = &frame->render.refs[0];
    enum fl_norms norms = fl_metric_norms_of(&frame->render);
    struct fl_rect size = {0, 0, resident->features.w, resident->features.h};
    size_t at = (size_t)ref->j * (size_t)size.w + (size_t)ref->i;
    struct fl_score_key key = key_of(&frame->render, resident);

    if (fl_scores_have(&self->scores, &key) || has_key(all, &key))
        return;
    struct fl_score *score = fl_scores_take(&self->scores, &key, &size, &self->limits);
    if (!score)
        return;
    all->scores[all->n] = score;
    all->refs[all->n++] = (struct fl_chords_ref){
        .vector = frame->vector,
        .shift = norms == FL_NORMS_MIN ? fl_map_stats(resident->map)->min : 0,
        .inverse = fl_map_inverse_norms(resident->map, norms)[at],
        .cell = {ref->i, ref->j},
        .out = &score->raw,
    };
}

void fl_painter_compare(struct fl_painter *self, struct fl_frame *const *frames, size_t n,
                        const struct fl_resident *resident)
{
    enum fl_norms norms = fl_metric_norms_of(&frames[0]->render);
    bool has_negative = norms == FL_NORMS_ZERO && fl_map_stats(resident->map)->min < 0;
    struct fl_score_key first = key_of(&frames[0]->render, resident);
    struct together all = {.n = 0};
    struct fl_chords_task task = {
        .features = &resident->features,
        .inverse = &resident->norms[norms].inverse,
        .has_negative = has_negative,
        .pixels = 8,
        .refs = all.refs,
    };

    if (!is_shared(&frames[0]->render) || fl_scores_have(&self->scores, &first))
        return; // nothing is to be compared for the first
    size_t most = most_together(self, &resident->features, has_negative);
    for (size_t i = 0; i < n && all.n < most; i++)
        if (is_together(frames[0], frames[i]))
            add_missing(self, frames[i], resident, &all);
    task.n_refs = all.n;
    task.shift = all.refs[0].shift;
    bool done = all.n > 1 && fl_chords_draw(&self->similarity.chords, &task);
    for (size_t i = 0; i < all.n; i++)
        all.scores[i]->filled = done; // else each is drawn alone
}

// Pass 1: the numbers asked for, one a cell of the map; from what is kept where that serves.
static const struct fl_raster *draw_cells(struct fl_painter *self, const struct fl_frame *frame,
                                          const struct fl_resident *resident)
{
    const struct fl_render *render = &frame->render;
    const struct fl_features *features = &resident->features;
    struct fl_score_key key = key_of(render, resident);
    struct fl_rect size = {0, 0, features->w, features->h};
    struct fl_score *score = fl_scores_take(&self->scores, &key, &size, &self->limits);

    if (!score)
        return NULL;
    if (!score->filled && render->mode == FL_MODE_SIMILARITY) {
        if (!draw_similarity(self, frame, resident, &score->raw))
            return NULL;
    } else if (!score->filled) {
        bool norm = render->mode == FL_MODE_NORM;
        fl_cellwise_channel(&self->cellwise, features, &resident->norms[FL_NORMS_ZERO].inverse,
                            norm ? FL_CHANNEL_NORM : (int32_t)render->channel, &score->raw);
    }
    score->filled = true;
    if (render->mode != FL_MODE_SIMILARITY)
        return &score->raw;
    enum fl_curve curve = fl_metric_curve(render->metric);
    if (curve == FL_CURVE_NONE)
        return &score->raw;
    if (score->curve != curve)
        fl_cellwise_curve(&self->cellwise, &score->raw, curve, &score->made);
    score->curve = curve;
    return &score->made;
}

static void reduce(const struct fl_painter *self, const struct fl_render *render,
                   const struct fl_raster *cells, GLuint stats)
{
    bool similarity = render->mode == FL_MODE_SIMILARITY;
    struct fl_reduce_task task = {
        .refs = render->refs,
        .n_refs = similarity ? render->n_refs : 0, // `around` is `minmax` then
        .smallest = is_distance(render),
        .stretch = render->stretch,
    };

    fl_reduce_run(&self->reduce, cells, &task, stats);
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

// Fewer pixels than cells: the present pass then sees a smaller map, all of it.
static bool shrink(struct fl_painter *self, const struct fl_render *render,
                   struct fl_present_task *task)
{
    int32_t across = render->window[2] - render->window[0];
    int32_t down = render->window[3] - render->window[1];
    int32_t w = smaller(render->w, across), h = smaller(render->h, down);
    struct fl_shrink how = {.has_ref = render->mode == FL_MODE_SIMILARITY,
                            .ref = {render->refs[0].i, render->refs[0].j}};

    if (w == across && h == down)
        return true;
    if (self->shrunk.w != w || self->shrunk.h != h) {
        fl_raster_finish(&self->shrunk);
        if (!fl_raster_init(&self->shrunk, w, h, &self->limits))
            return false;
    }
    memcpy(how.window, render->window, sizeof how.window);
    fl_cellwise_shrink(&self->cellwise, task->cells, &how, &self->shrunk);
    task->cells = &self->shrunk;
    task->window[0] = task->window[1] = 0;
    task->window[2] = w;
    task->window[3] = h;
    return true;
}

static void place_backdrop(const struct fl_frame *frame, struct fl_present_task *task)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    const double *extent = facts->extent;
    double pw = fl_picture_w(frame->picture), ph = fl_picture_h(frame->picture);
    double cell_w = (extent[2] - extent[0]) / facts->w / pw;
    double cell_h = (extent[3] - extent[1]) / facts->h / ph;

    task->place[0] = extent[0] / pw + render->window[0] * cell_w;
    task->place[1] = extent[1] / ph + render->window[1] * cell_h;
    task->place[2] = cell_w * (render->window[2] - render->window[0]) / render->w;
    task->place[3] = cell_h * (render->window[3] - render->window[1]) / render->h;
}

bool fl_painter_prepare(struct fl_painter *self, struct fl_frame *frame,
                        const struct fl_resident *resident, const struct fl_backdrop *backdrop,
                        GLuint stats, struct fl_present_task *task)
{
    const struct fl_render *render = &frame->render;

    *task = (struct fl_present_task){
        .cells = draw_cells(self, frame, resident),
        .w = render->w,
        .h = render->h,
        .stats = stats,
        .invert = is_distance(render),
        .output = render->output,
        .colormap = render->colormap,
        .reversed = render->reversed,
        .opacity = render->opacity,
        .under = backdrop ? render->picture : FL_UNDER_NONE,
        .backdrop = backdrop,
    };
    memcpy(task->window, render->window, sizeof task->window);
    if (!task->cells) {
        fl_fail(&frame->error, FL_ERR_GPU,
                "The GPU failed while it compared the vectors; the "
                "server's log has the driver's words.");
        return false;
    }
    reduce(self, render, task->cells, stats);
    if (!shrink(self, render, task)) {
        fl_fail(&frame->error, FL_ERR_GPU,
                "The GPU has no room for a picture of %d x %d; ask for a smaller one.", render->w,
                render->h);
        return false;
    }
    if (backdrop)
        place_backdrop(frame, task);
    return true;
}

void fl_painter_tell(struct fl_frame *frame, const struct fl_stats *stats)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_facts *facts = fl_map_facts(frame->map);

    if (stats->valid > 0) {
        bool fixed = render->stretch.kind == FL_STRETCH_FIXED; // told as given, not as float32
        frame->lo = fixed ? render->stretch.a : (double)stats->lo;
        frame->hi = fixed ? render->stretch.b : (double)stats->hi;
        frame->range[0] = (double)fl_stats_value(stats->low);
        frame->range[1] = (double)fl_stats_value(stats->high);
    }
    if (stats->best != UINT32_MAX) {
        frame->best[0] = (int32_t)(stats->best % (uint32_t)facts->w);
        frame->best[1] = (int32_t)(stats->best / (uint32_t)facts->w);
    }
    memcpy(frame->hist, stats->hist, sizeof frame->hist);
    frame->exact = render->output == FL_OUT_LEVELS &&
                   render->w == render->window[2] - render->window[0] &&
                   render->h == render->window[3] - render->window[1];
}
