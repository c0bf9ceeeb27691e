#include "answer.h"

#include "metric.h"
#include "server/base/mem.h"

#include <math.h>
#include <string.h>

bool fl_answer_has_ref(const struct fl_frame *frame)
{
    return frame->render.mode == FL_MODE_SIMILARITY;
}

static bool is_inside(const struct fl_map_facts *facts, const struct fl_cell *cell)
{
    return cell->i >= 0 && cell->j >= 0 && cell->i < facts->w && cell->j < facts->h;
}

static bool has_direction(const struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    const struct fl_cell *ref = &render->refs[0];

    if (!is_inside(facts, ref))
        return false;
    const float *inverse =
        fl_map_inverse_norms(frame->map, fl_metric_norms(render->metric, render->origin));
    float norm = inverse[(size_t)ref->j * (size_t)facts->w + (size_t)ref->i];
    return norm > 0 && isfinite(norm);
}

// Also of a reference without a direction, and beside a channel or the norms.
static enum fl_err read_vector(struct fl_frame *frame)
{
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    const struct fl_render *render = &frame->render;

    if (render->n_refs != 1 || render->has_region || !is_inside(facts, &render->refs[0]))
        return FL_OK;
    frame->vector = malloc((size_t)facts->d * sizeof *frame->vector);
    if (!frame->vector)
        return fl_fail(&frame->error, FL_ERR_TOO_BIG,
                       "There is no memory for a vector of %d numbers; try later.", facts->d);
    fl_map_read_vector(frame->map, render->refs[0].i, render->refs[0].j, frame->vector);
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

bool fl_answer(struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;

    frame->lo = frame->hi = frame->range[0] = frame->range[1] = (double)NAN;
    frame->best[0] = frame->best[1] = -1;
    if (read_vector(frame))
        return true;
    if (render->mode != FL_MODE_SIMILARITY)
        return false;
    // The one place that knows what the passes cannot do yet.
    if (render->n_refs != 1 || render->has_region || render->refs[0].sign < 0) {
        fl_fail(&frame->error, FL_ERR_UNSUPPORTED,
                "This server compares with one point only; give one `ref` and no `refs` or "
                "`region`.");
        return true;
    }
    if (has_direction(frame))
        return false;
    frame->invalid_ref = true;
    if (render->output == FL_OUT_VALUES && fl_answer_make_room(frame))
        fill_with_nan(frame);
    return true;
}
