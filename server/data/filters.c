#include "filters.h"

#include "pyramid.h"

#include <math.h>
#include <string.h>

// Rows beyond a strip that its pixels depend on: the wide kernel, twice.
enum { HALO = 12 };

static const double pi = 3.14159265358979323846;

bool fl_filters_init(struct fl_filters *filters, const struct fl_plane *colours,
                     const double cell[2], struct fl_plane *out)
{
    *filters = (struct fl_filters){
        .colours = colours,
        .fine = fl_kernel_gauss(1),
        .wide = fl_kernel_gauss(2),
        .out = out,
    };
    if (fl_sampler_init(&filters->across, out->w, cell[0], 2) &&
        fl_sampler_init(&filters->down, out->h, cell[1], 2))
        return true;
    fl_filters_finish(filters);
    return false;
}

void fl_filters_finish(struct fl_filters *filters)
{
    fl_sampler_finish(&filters->across);
    fl_sampler_finish(&filters->down);
}

// The level's rows that a strip of the grid needs, and room to work on them.
struct strip {
    const struct fl_filters *filters; // borrowed
    int32_t first, n;                 // rows of the grid
    int32_t top;                      // the level's row that row 0 of the planes is
    struct fl_plane colours[FL_COLOUR_PLANES];
    struct fl_plane smooth, mean;        // luma, fine and wide
    struct fl_plane strength, direction; // of the gradient; direction in bins
    struct fl_plane result, scratch;
};

static bool init_strip(struct strip *strip)
{
    const struct fl_taps *cells = strip->filters->down.cells;
    int32_t w = strip->filters->colours[0].w;
    int32_t end = cells[strip->first + strip->n - 1].first + FL_SAMPLER_TAPS + HALO;

    strip->top = cells[strip->first].first - HALO;
    for (int c = 0; c < FL_COLOUR_PLANES; c++)
        if (!fl_plane_init(&strip->colours[c], w, end - strip->top))
            return false;
    return fl_plane_init(&strip->smooth, w, end - strip->top) &&
           fl_plane_init(&strip->mean, w, end - strip->top) &&
           fl_plane_init(&strip->strength, w, end - strip->top) &&
           fl_plane_init(&strip->direction, w, end - strip->top) &&
           fl_plane_init(&strip->result, w, end - strip->top) &&
           fl_plane_init(&strip->scratch, w, end - strip->top);
}

static void finish_strip(struct strip *strip)
{
    for (int c = 0; c < FL_COLOUR_PLANES; c++)
        fl_plane_finish(&strip->colours[c]);
    fl_plane_finish(&strip->smooth);
    fl_plane_finish(&strip->mean);
    fl_plane_finish(&strip->strength);
    fl_plane_finish(&strip->direction);
    fl_plane_finish(&strip->result);
    fl_plane_finish(&strip->scratch);
}

static int32_t inside(int32_t at, int32_t side)
{
    return at < 0 ? 0 : at < side ? at : side - 1;
}

static void copy_colours(struct strip *strip)
{
    for (int c = 0; c < FL_COLOUR_PLANES; c++) {
        const struct fl_plane *in = &strip->filters->colours[c];
        struct fl_plane *out = &strip->colours[c];
        for (int32_t y = 0; y < out->h; y++)
            memcpy(fl_plane_row(out, y), fl_plane_row(in, inside(strip->top + y, in->h)),
                   (size_t)in->w * sizeof(float));
    }
}

// One row of the grid: down into a row of the level's width, then across.
static void sample_row(const struct strip *strip, const struct fl_plane *in, int32_t j, float *out)
{
    const struct fl_taps *down = &strip->filters->down.cells[j];
    const struct fl_sampler *across = &strip->filters->across;
    float *sums = fl_plane_row(&strip->scratch, 0);

    memset(sums, 0, (size_t)in->w * sizeof *sums);
    for (int32_t k = 0; k < FL_SAMPLER_TAPS; k++) {
        const float *row = fl_plane_row(in, down->first - strip->top + k);
        if (down->weight[k] > 0)
            for (int32_t x = 0; x < in->w; x++)
                sums[x] += down->weight[k] * row[x];
    }
    for (int32_t i = 0; i < across->n; i++) {
        const struct fl_taps *taps = &across->cells[i];
        out[i] = 0;
        for (int32_t k = 0; k < FL_SAMPLER_TAPS; k++)
            out[i] += taps->weight[k] * sums[inside(taps->first + k, in->w)];
    }
}

static void sample(const struct strip *strip, const struct fl_plane *in, int filter)
{
    for (int32_t j = strip->first; j < strip->first + strip->n; j++)
        sample_row(strip, in, j, fl_plane_row(&strip->filters->out[filter], j));
}

static size_t pixels(const struct strip *strip)
{
    return (size_t)strip->result.w * (size_t)strip->result.h;
}

// Leaves the wide mean of colour c in strip->mean.
static void fill_contrast(struct strip *strip, int c)
{
    const struct fl_kernel *wide = &strip->filters->wide;
    const float *colour = strip->colours[c].at, *mean = strip->mean.at;
    float *result = strip->result.at;

    fl_plane_blur(&strip->colours[c], wide, &strip->scratch, &strip->mean);
    // Deviations first, then squares: exact where nothing deviates.
    for (size_t i = 0; i < pixels(strip); i++)
        result[i] = (colour[i] - mean[i]) * (colour[i] - mean[i]);
    fl_plane_blur(&strip->result, wide, &strip->scratch, &strip->result);
    for (size_t i = 0; i < pixels(strip); i++)
        result[i] = sqrtf(result[i]);
    sample(strip, &strip->result, FL_FILTERS_CONTRASTS + c);
}

static void fill_blobs(struct strip *strip)
{
    const float *smooth = strip->smooth.at, *mean = strip->mean.at;
    float *result = strip->result.at;

    for (size_t i = 0; i < pixels(strip); i++)
        result[i] = fmaxf(smooth[i] - mean[i], 0);
    sample(strip, &strip->result, FL_FILTERS_ON);
    for (size_t i = 0; i < pixels(strip); i++)
        result[i] = fmaxf(mean[i] - smooth[i], 0);
    sample(strip, &strip->result, FL_FILTERS_OFF);
}

static void find_gradient_row(struct strip *strip, int32_t y)
{
    const struct fl_plane *smooth = &strip->smooth;
    const float *above = fl_plane_row(smooth, inside(y - 1, smooth->h));
    const float *below = fl_plane_row(smooth, inside(y + 1, smooth->h));
    const float *row = fl_plane_row(smooth, y);
    float *strength = fl_plane_row(&strip->strength, y);
    float *direction = fl_plane_row(&strip->direction, y);

    for (int32_t x = 0; x < smooth->w; x++) {
        float dx = row[inside(x + 1, smooth->w)] - row[inside(x - 1, smooth->w)];
        float dy = below[x] - above[x];
        float turn = atan2f(dy, dx) * (float)(FL_FILTERS_DIRECTIONS / pi);
        strength[x] = sqrtf(dx * dx + dy * dy);
        direction[x] = turn < 0 ? turn + FL_FILTERS_DIRECTIONS : turn; // 0 and 8 are the same
    }
}

static void fill_directions(struct strip *strip)
{
    const float *strength = strip->strength.at, *direction = strip->direction.at;
    float *result = strip->result.at;

    for (int32_t y = 0; y < strip->smooth.h; y++)
        find_gradient_row(strip, y);
    for (int bin = 0; bin < FL_FILTERS_DIRECTIONS; bin++) {
        for (size_t i = 0; i < pixels(strip); i++) {
            float apart = fabsf(direction[i] - (float)bin);
            apart = fminf(apart, FL_FILTERS_DIRECTIONS - apart);
            result[i] = strength[i] * fmaxf(1 - apart, 0);
        }
        sample(strip, &strip->result, bin);
    }
}

bool fl_filters_fill(const struct fl_filters *filters, int32_t first, int32_t n)
{
    struct strip strip = {.filters = filters, .first = first, .n = n};
    bool ok = init_strip(&strip);

    if (ok) {
        copy_colours(&strip);
        for (int c = 0; c < FL_COLOUR_PLANES; c++)
            sample(&strip, &strip.colours[c], FL_FILTERS_MEANS + c);
        for (int c = FL_COLOUR_PLANES - 1; c >= FL_LUMA; c--)
            fill_contrast(&strip, c); // luma last: its mean is used again
        fl_plane_blur(&strip.colours[FL_LUMA], &filters->fine, &strip.scratch, &strip.smooth);
        fill_blobs(&strip);
        fill_directions(&strip);
    }
    finish_strip(&strip);
    return ok;
}
