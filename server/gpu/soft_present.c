#include "soft_present.h"

#include "server/base/crew.h"
#include "soft_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 }; // pixels whose means are made together

// Pixels x and on of row y of the frame.
static void put(const struct fl_soft_present *self, const float *values, int32_t n, int32_t x,
                int32_t y)
{
    struct fl_frame *frame = self->frame;
    size_t at = (size_t)y * (size_t)frame->w + (size_t)x;
    uint8_t *out = frame->pixels + at * (size_t)frame->channels;
    struct fl_soft_levels how = {.lo = 0.5F * self->stats->lo,
                                 .span = 0.5F * self->stats->hi - 0.5F * self->stats->lo,
                                 .invert = self->invert};

    if (frame->render.output == FL_OUT_VALUES)
        memcpy(out, values, (size_t)n * sizeof *values);
    else
        fl_soft_kernels()->levels(values, (size_t)n, &how, out);
}

static const float *cell_at(const struct fl_soft_present *self, int32_t i, int32_t j)
{
    return self->cells->values + (size_t)j * (size_t)self->cells->w + i;
}

// As shrink.frag: the area mean of the valid cells under one pixel.
static float mean_under(const struct fl_soft_present *self, int32_t x, int32_t y)
{
    const struct fl_render *render = &self->frame->render;
    const int32_t *window = render->window;
    int32_t w = window[2] - window[0], h = window[3] - window[1];
    double across = (double)w / render->w, down = (double)h / render->h;
    double x0 = x * across, x1 = fmin((x + 1) * across, w);
    double y0 = y * down, y1 = fmin((y + 1) * down, h), sum = 0, weight = 0;

    for (int32_t j = (int32_t)y0; j < (int32_t)ceil(y1); j++) {
        const float *row = cell_at(self, window[0], window[1] + j);
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

// Which of `pixels` lies over the centre of cell i of `cells`.
static int64_t pixel_under(int64_t i, int64_t cells, int64_t pixels)
{
    return (2 * i + 1) * pixels / (2 * cells);
}

// The reference's own pixel keeps the reference's value. n pixels of row y, from x on.
static void keep_references(const struct fl_soft_present *self, int32_t x, int32_t y, int32_t n,
                            float *values)
{
    const struct fl_render *render = &self->frame->render;
    const int32_t *window = render->window;

    if (render->mode != FL_MODE_SIMILARITY || render->has_region || self->frame->from)
        return;
    for (uint32_t k = 0; k < render->n_refs; k++) {
        const struct fl_cell *ref = &render->refs[k];
        if (ref->i < window[0] || ref->i >= window[2] || ref->j < window[1] || ref->j >= window[3])
            continue;
        int64_t i = pixel_under(ref->i - window[0], window[2] - window[0], render->w);
        int64_t j = pixel_under(ref->j - window[1], window[3] - window[1], render->h);
        if (j == y && i >= x && i < x + n)
            values[i - x] = *cell_at(self, ref->i, ref->j);
    }
}

static void shrink_row(void *user, size_t row)
{
    const struct fl_soft_present *self = user;
    int32_t w = self->frame->w, y = (int32_t)row;
    float values[CHUNK];

    for (int32_t x = 0; x < w; x += CHUNK) {
        int32_t n = w - x < CHUNK ? w - x : CHUNK;
        for (int32_t k = 0; k < n; k++)
            values[k] = mean_under(self, x + k, y);
        keep_references(self, x, y, n, values);
        put(self, values, n, x, y);
    }
}

void fl_soft_present_fewer(const struct fl_soft_present *self, struct fl_crew *crew)
{
    struct fl_soft_present task = *self;

    fl_crew_run(crew, (size_t)self->frame->h, shrink_row, &task);
}

bool fl_soft_present_is_whole(const struct fl_render *render)
{
    return render->w >= render->window[2] - render->window[0] &&
           render->h >= render->window[3] - render->window[1];
}

void fl_soft_present_rows(const struct fl_soft_present *self, int32_t from, int32_t to)
{
    const int32_t *window = self->frame->render.window;
    int32_t w = window[2] - window[0];

    for (int32_t j = from > window[1] ? from : window[1]; j < to && j < window[3]; j++)
        put(self, cell_at(self, window[0], j), w, 0, j - window[1]);
}
