#include "answer.h"

#include "server/base/mem.h"
#include "server/data/references.h"

#include <math.h>
#include <string.h>

void fl_answers_finish(struct fl_answers *self)
{
    for (int k = 0; k < FL_ANSWERS_KEPT; k++)
        fl_references_unref(self->kept[k]);
    *self = (struct fl_answers){0};
}

static const struct fl_map *map_of_references(const struct fl_frame *frame)
{
    return frame->from ? frame->from : frame->map;
}

// A region's are kept: every window and stretch of it would go through it again.
static struct fl_references *find(struct fl_answers *self, const struct fl_frame *frame,
                                  const struct fl_render *render, struct fl_error *error)
{
    const struct fl_map *map = map_of_references(frame);
    bool foreign = frame->from != NULL;

    for (int k = 0; k < FL_ANSWERS_KEPT; k++)
        if (fl_references_are(self->kept[k], map, foreign, render))
            return fl_references_ref(self->kept[k]);
    struct fl_references *made = fl_references_create(map, foreign, render, error);
    if (!made || !render->has_region)
        return made;
    fl_references_unref(self->kept[self->next]);
    self->kept[self->next] = fl_references_ref(made);
    self->next = (self->next + 1) % FL_ANSWERS_KEPT;
    return made;
}

static bool find_all(struct fl_answers *self, struct fl_frame *frame)
{
    struct fl_render plain = frame->render;

    frame->references = find(self, frame, &frame->render, &frame->error);
    if (!frame->references || !plain.has_region)
        return frame->references != NULL;
    plain.metric = FL_METRIC_COSINE;
    plain.origin = FL_ORIGIN_ZERO;
    frame->plain = find(self, frame, &plain, &frame->error);
    return frame->plain != NULL;
}

size_t fl_answer_vectors(const struct fl_frame *frame)
{
    return frame->references ? frame->references->n : 0;
}

// Also of a reference without a direction, and beside a channel or the norms.
static enum fl_err read_vector(struct fl_frame *frame)
{
    const struct fl_map *map = map_of_references(frame);
    const struct fl_map_facts *facts = fl_map_facts(map);
    const struct fl_render *render = &frame->render;
    const struct fl_cell *ref = &render->refs[0];

    if (render->n_refs != 1 || render->has_region || ref->i < 0 || ref->j < 0 ||
        ref->i >= facts->w || ref->j >= facts->h)
        return FL_OK;
    frame->vector = malloc((size_t)facts->d * sizeof *frame->vector);
    if (!frame->vector)
        return fl_fail(&frame->error, FL_ERR_TOO_BIG,
                       "There is no memory for a vector of %d numbers; try later.", facts->d);
    fl_map_read_vector(map, ref->i, ref->j, frame->vector);
    return FL_OK;
}

static int32_t channels_of(enum fl_output output)
{
    if (output == FL_OUT_COLOUR)
        return 3;
    return output == FL_OUT_VALUES ? 4 : 1;
}

bool fl_answer_make_room(struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    size_t size = 0;

    frame->w = render->w;
    frame->h = render->h;
    frame->channels = channels_of(render->output);
    bool fits = fl_mul((size_t)frame->w, (size_t)frame->h, &size) &&
                fl_mul(size, (size_t)frame->channels, &size);
    frame->pixels = fits ? malloc(size) : NULL;
    if (!frame->pixels)
        fl_fail(&frame->error, FL_ERR_TOO_BIG,
                "There is no memory for a picture of %d x %d; ask for a smaller one.", frame->w,
                frame->h);
    return frame->pixels != NULL;
}

// Exports have a number, or none, for every cell.
static void fill_with_nan(struct fl_frame *frame)
{
    size_t n = (size_t)frame->w * (size_t)frame->h;
    const float nan = NAN;

    for (size_t i = 0; i < n; i++)
        memcpy(frame->pixels + i * sizeof nan, &nan, sizeof nan);
}

bool fl_answer(struct fl_answers *self, struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;

    frame->lo = frame->hi = frame->range[0] = frame->range[1] = (double)NAN;
    frame->best[0] = frame->best[1] = -1;
    if (read_vector(frame))
        return true;
    if (render->mode != FL_MODE_SIMILARITY)
        return false;
    if (!find_all(self, frame))
        return true;
    if (frame->references->n > 0)
        return false;
    frame->invalid_ref = true;
    if (render->output == FL_OUT_VALUES && fl_answer_make_room(frame))
        fill_with_nan(frame);
    return true;
}
