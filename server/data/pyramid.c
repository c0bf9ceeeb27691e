#include "pyramid.h"

#include "server/base/parallel.h"

#include <math.h>

// Six taps around the two pixels that become one: smooth enough that fine stripes do not turn
// into coarse ones.
enum { TAPS = 6, BEFORE = 2 };
static const float taps[TAPS] = {1 / 32.0F,  5 / 32.0F, 10 / 32.0F,
                                 10 / 32.0F, 5 / 32.0F, 1 / 32.0F};

struct colours {
    const uint8_t *rgb;
    struct fl_plane *planes;      // FL_COLOUR_PLANES of them
    float linear[256], root[256]; // of a byte: its light, and the cube root of that
};

static void fill_tables(struct colours *colours)
{
    for (int i = 0; i < 256; i++) {
        double v = i / 255.0;
        double light = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4); // sRGB
        colours->linear[i] = (float)light;
        colours->root[i] = (float)cbrt(light);
    }
}

static void split_row(void *user, size_t y)
{
    const struct colours *colours = user;
    int32_t w = colours->planes[0].w;
    const uint8_t *in = colours->rgb + y * (size_t)w * 3;
    float *luma = fl_plane_row(&colours->planes[FL_LUMA], (int32_t)y);
    float *red_green = fl_plane_row(&colours->planes[FL_RED_GREEN], (int32_t)y);
    float *yellow_blue = fl_plane_row(&colours->planes[FL_YELLOW_BLUE], (int32_t)y);

    for (int32_t x = 0; x < w; x++, in += 3) {
        const float *light = colours->linear, *root = colours->root;
        luma[x] = cbrtf(0.2126F * light[in[0]] + 0.7152F * light[in[1]] + 0.0722F * light[in[2]]);
        red_green[x] = root[in[0]] - root[in[1]];
        yellow_blue[x] = (root[in[0]] + root[in[1]]) / 2 - root[in[2]];
    }
}

struct halving {
    const struct fl_plane *in;
    struct fl_plane *out;
};

static int32_t inside(int32_t at, int32_t side)
{
    return at < 0 ? 0 : at < side ? at : side - 1;
}

// Down first, for all that a pixel of the row needs, then across.
static float down(const float *const rows[TAPS], int32_t x)
{
    float sum = 0;

    for (int i = 0; i < TAPS; i++)
        sum += taps[i] * rows[i][x];
    return sum;
}

static void halve_row(void *user, size_t job)
{
    const struct halving *halving = user;
    const struct fl_plane *in = halving->in;
    int32_t y = (int32_t)job;
    const float *rows[TAPS];
    float *out = fl_plane_row(halving->out, y);
    float ring[TAPS]; // the six sums around the present pixel

    for (int32_t i = 0; i < TAPS; i++) {
        rows[i] = fl_plane_row(in, inside(2 * y - BEFORE + i, in->h));
        ring[i] = 0;
    }
    for (int32_t i = 2; i < TAPS; i++) // the first pixel's, but for those the loop brings
        ring[i] = down(rows, inside(i - 2 - BEFORE, in->w));
    for (int32_t x = 0; x < halving->out->w; x++) {
        for (int i = 0; i < TAPS - 2; i++)
            ring[i] = ring[i + 2];
        ring[TAPS - 2] = down(rows, inside(2 * x - BEFORE + TAPS - 2, in->w));
        ring[TAPS - 1] = down(rows, inside(2 * x - BEFORE + TAPS - 1, in->w));
        out[x] = 0;
        for (int i = 0; i < TAPS; i++)
            out[x] += taps[i] * ring[i];
    }
}

static bool init_planes(struct fl_pyramid *pyramid, int32_t w, int32_t h)
{
    for (int level = 0; level < FL_PYRAMID_LEVELS; level++) {
        for (int c = 0; c < FL_COLOUR_PLANES; c++)
            if (!fl_plane_init(&pyramid->planes[level][c], w, h))
                return false;
        w = (w + 1) / 2;
        h = (h + 1) / 2;
    }
    return true;
}

bool fl_pyramid_init(struct fl_pyramid *pyramid, const uint8_t *rgb, int32_t w, int32_t h)
{
    struct colours colours = {.rgb = rgb, .planes = pyramid->planes[0]};

    *pyramid = (struct fl_pyramid){0};
    if (!init_planes(pyramid, w, h)) {
        fl_pyramid_finish(pyramid);
        return false;
    }
    fill_tables(&colours);
    fl_parallel((size_t)h, split_row, &colours);
    for (int level = 1; level < FL_PYRAMID_LEVELS; level++)
        for (int c = 0; c < FL_COLOUR_PLANES; c++) {
            struct halving halving = {
                .in = &pyramid->planes[level - 1][c],
                .out = &pyramid->planes[level][c],
            };
            fl_parallel((size_t)halving.out->h, halve_row, &halving);
        }
    return true;
}

void fl_pyramid_finish(struct fl_pyramid *pyramid)
{
    for (int level = 0; level < FL_PYRAMID_LEVELS; level++)
        for (int c = 0; c < FL_COLOUR_PLANES; c++)
            fl_plane_finish(&pyramid->planes[level][c]);
}
