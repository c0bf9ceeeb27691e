#include "soft_present.h"

#include "server/base/crew.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work {
    const struct fl_soft_cells_of *cells; // of the map
    const struct fl_render *render;
    float lo, span; // halves, as in levels.frag: no difference overflows
    bool invert;
    struct fl_frame *frame;
    float *shrunk; // render.w * render.h, or NULL: the cells as they are
};

// As levels.frag: round(255 s'), 0 where invalid.
static void levels(const struct work *work, const float *values, uint8_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        float t = work->span > 0 ? (0.5F * values[i] - work->lo) / work->span : 0.5F;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        t = work->invert ? 1 - t : t;
        out[i] = values[i] == values[i] ? (uint8_t)floorf(255 * t + 0.5F) : 0;
    }
}

// As shrink.frag: the area mean of the valid cells under one pixel.
static float mean_under(const struct work *work, int32_t x, int32_t y)
{
    const int32_t *window = work->render->window;
    int32_t w = window[2] - window[0], h = window[3] - window[1];
    double across = (double)w / work->render->w, down = (double)h / work->render->h;
    double x0 = x * across, x1 = fmin((x + 1) * across, w);
    double y0 = y * down, y1 = fmin((y + 1) * down, h), sum = 0, weight = 0;

    for (int32_t j = (int32_t)y0; j < (int32_t)ceil(y1); j++) {
        const float *row =
            work->cells->values + (size_t)(window[1] + j) * (size_t)work->cells->w + window[0];
        double high = fmin(y1, j + 1) - fmax(y0, j);
        for (int32_t i = (int32_t)x0; i < (int32_t)ceil(x1); i++) {
            double area = high * (fmin(x1, i + 1) - fmax(x0, i));
            if (row[i] == row[i] && area > 1e-4) { // slivers are roundings of a border
                sum += area * (double)row[i];
                weight += area;
            }
        }
    }
    return weight > 0 ? (float)(sum / weight) : NAN;
}

static void shrink_row(void *user, size_t y)
{
    struct work *work = user;
    float *out = work->shrunk + y * (size_t)work->render->w;

    for (int32_t x = 0; x < work->render->w; x++)
        out[x] = mean_under(work, x, (int32_t)y);
}

// Which of `pixels` lies over the centre of cell i of `cells`.
static int64_t pixel_under(int64_t i, int64_t cells, int64_t pixels)
{
    return (2 * i + 1) * pixels / (2 * cells);
}

// A reference's own pixel keeps the reference's value.
static void keep_reference(const struct work *work)
{
    const struct fl_render *render = work->render;
    const int32_t *window = render->window;

    if (render->mode != FL_MODE_SIMILARITY || render->has_region || work->frame->from)
        return;
    for (uint32_t k = 0; k < render->n_refs; k++) {
        const struct fl_cell *ref = &render->refs[k];
        if (ref->i < window[0] || ref->i >= window[2] || ref->j < window[1] || ref->j >= window[3])
            continue;
        int64_t x = pixel_under(ref->i - window[0], window[2] - window[0], render->w);
        int64_t y = pixel_under(ref->j - window[1], window[3] - window[1], render->h);
        work->shrunk[y * render->w + x] =
            work->cells->values[(int64_t)ref->j * work->cells->w + ref->i];
    }
}

static void present_row(void *user, size_t y)
{
    const struct work *work = user;
    struct fl_frame *frame = work->frame;
    const int32_t *window = work->render->window;
    const float *values =
        work->shrunk
            ? work->shrunk + y * (size_t)frame->w
            : work->cells->values + ((size_t)window[1] + y) * (size_t)work->cells->w + window[0];
    uint8_t *out = frame->pixels + y * (size_t)frame->w * (size_t)frame->channels;

    if (work->render->output == FL_OUT_VALUES)
        memcpy(out, values, (size_t)frame->w * sizeof *values);
    else
        levels(work, values, out, frame->w);
}

bool fl_soft_present(struct fl_crew *crew, const struct fl_soft_cells_of *cells,
                     const struct fl_stats *stats, bool invert, struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    bool shrink = render->w < render->window[2] - render->window[0] ||
                  render->h < render->window[3] - render->window[1];
    struct work work = {.cells = cells,
                        .render = render,
                        .lo = 0.5F * stats->lo,
                        .span = 0.5F * stats->hi - 0.5F * stats->lo,
                        .invert = invert,
                        .frame = frame};

    if (shrink) {
        work.shrunk = malloc((size_t)render->w * (size_t)render->h * sizeof *work.shrunk);
        if (!work.shrunk)
            return false;
        fl_crew_run(crew, (size_t)render->h, shrink_row, &work);
        keep_reference(&work);
    }
    fl_crew_run(crew, (size_t)render->h, present_row, &work);
    free(work.shrunk);
    return true;
}
