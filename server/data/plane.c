#include "plane.h"

#include "server/base/mem.h"

#include <assert.h>
#include <math.h>

bool fl_plane_init(struct fl_plane *plane, int32_t w, int32_t h)
{
    *plane = (struct fl_plane){.w = w, .h = h};
    plane->at = calloc((size_t)w * (size_t)h, sizeof *plane->at);
    return plane->at != NULL;
}

void fl_plane_finish(struct fl_plane *plane)
{
    free(plane->at);
    *plane = (struct fl_plane){0};
}

float *fl_plane_row(const struct fl_plane *plane, int32_t y)
{
    return plane->at + (size_t)y * (size_t)plane->w;
}

struct fl_kernel fl_kernel_gauss(double sigma)
{
    struct fl_kernel kernel = {.radius = (int32_t)ceil(3 * sigma)};
    double sum = 0;

    assert(kernel.radius <= FL_KERNEL_MAX);
    for (int32_t i = 0; i <= kernel.radius; i++)
        sum += exp(-i * i / (2 * sigma * sigma)) * (i > 0 ? 2 : 1);
    for (int32_t i = 0; i <= kernel.radius; i++)
        kernel.at[i] = (float)(exp(-i * i / (2 * sigma * sigma)) / sum);
    return kernel;
}

static int32_t inside(int32_t at, int32_t side)
{
    return at < 0 ? 0 : at < side ? at : side - 1;
}

static float blur_at_edge(const float *in, int32_t w, int32_t x, const struct fl_kernel *kernel)
{
    float sum = kernel->at[0] * in[x];

    for (int32_t k = 1; k <= kernel->radius; k++)
        sum += kernel->at[k] * (in[inside(x - k, w)] + in[inside(x + k, w)]);
    return sum;
}

static void blur_row(const float *in, int32_t w, const struct fl_kernel *kernel, float *out)
{
    int32_t first = kernel->radius, last = w - kernel->radius; // of those without edges, half-open

    if (last <= first) {
        for (int32_t x = 0; x < w; x++)
            out[x] = blur_at_edge(in, w, x, kernel);
        return;
    }
    for (int32_t x = 0; x < first; x++)
        out[x] = blur_at_edge(in, w, x, kernel);
    for (int32_t x = first; x < last; x++)
        out[x] = kernel->at[0] * in[x];
    for (int32_t k = 1; k <= kernel->radius; k++)
        for (int32_t x = first; x < last; x++)
            out[x] += kernel->at[k] * (in[x - k] + in[x + k]);
    for (int32_t x = last; x < w; x++)
        out[x] = blur_at_edge(in, w, x, kernel);
}

static void blur_column(const struct fl_plane *in, int32_t y, const struct fl_kernel *kernel,
                        float *out)
{
    const float *middle = fl_plane_row(in, y);

    for (int32_t x = 0; x < in->w; x++)
        out[x] = kernel->at[0] * middle[x];
    for (int32_t k = 1; k <= kernel->radius; k++) {
        const float *above = fl_plane_row(in, inside(y - k, in->h));
        const float *below = fl_plane_row(in, inside(y + k, in->h));
        for (int32_t x = 0; x < in->w; x++)
            out[x] += kernel->at[k] * (above[x] + below[x]);
    }
}

void fl_plane_blur(const struct fl_plane *in, const struct fl_kernel *kernel,
                   struct fl_plane *scratch, struct fl_plane *out)
{
    for (int32_t y = 0; y < in->h; y++)
        blur_row(fl_plane_row(in, y), in->w, kernel, fl_plane_row(scratch, y));
    for (int32_t y = 0; y < in->h; y++)
        blur_column(scratch, y, kernel, fl_plane_row(out, y));
}

static void weigh(struct fl_taps *taps, double from, double to)
{
    taps->first = (int32_t)floor(from);
    for (int32_t k = 0; k < FL_SAMPLER_TAPS; k++) {
        double pixel = taps->first + k;
        double covered = fmin(to, pixel + 1) - fmax(from, pixel);
        taps->weight[k] = covered > 0 ? (float)(covered / (to - from)) : 0;
    }
}

bool fl_sampler_init(struct fl_sampler *sampler, int32_t n, double cell, double least)
{
    double width = fmax(cell, least);

    assert(width <= FL_SAMPLER_TAPS - 1);
    *sampler = (struct fl_sampler){.n = n};
    sampler->cells = calloc((size_t)n, sizeof *sampler->cells);
    for (int32_t i = 0; sampler->cells && i < n; i++)
        weigh(&sampler->cells[i], (i + 0.5) * cell - width / 2, (i + 0.5) * cell + width / 2);
    return sampler->cells != NULL;
}

void fl_sampler_finish(struct fl_sampler *sampler)
{
    free(sampler->cells);
    *sampler = (struct fl_sampler){0};
}
