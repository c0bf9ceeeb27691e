#include "demo.h"

#include "demo_scene.h"
#include "filter_bank.h"

#include "server/base/mem.h"

enum { COARSE = 4 }; // cells of the fine map in one of the coarse, each way

static enum fl_err no_memory(struct fl_error *error)
{
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "There is no memory to draw the demo's picture; close other programs.");
}

static enum fl_err draw(struct fl_picture **out, struct fl_error *error)
{
    struct fl_canvas canvas;
    uint8_t *rgb = malloc((size_t)FL_DEMO_W * FL_DEMO_H * 3);

    if (rgb && fl_canvas_init(&canvas, FL_DEMO_W, FL_DEMO_H)) {
        fl_demo_paint(&canvas);
        fl_canvas_develop(&canvas, rgb);
        *out = fl_picture_of(rgb, FL_DEMO_W, FL_DEMO_H);
        fl_canvas_finish(&canvas);
    }
    free(rgb);
    return *out ? FL_OK : no_memory(error);
}

static void add(float *to, const float *from, size_t n, float share)
{
    for (size_t k = 0; k < n; k++)
        to[k] += from[k] * share;
}

// The fine grid's sides are multiples of COARSE.
static enum fl_err average(const struct fl_map_source *fine, struct fl_map_source *out,
                           struct fl_error *error)
{
    int32_t w = fine->w / COARSE, h = fine->h / COARSE;
    size_t d = (size_t)fine->d;
    float *values = calloc((size_t)w * (size_t)h * d, sizeof *values);
    const float *from = fine->base;

    if (!values)
        return no_memory(error);
    for (int32_t y = 0; y < fine->h; y++)
        for (int32_t x = 0; x < fine->w; x++, from += d) {
            size_t cell = (size_t)(y / COARSE) * (size_t)w + (size_t)(x / COARSE);
            add(values + cell * d, from, d, 1.0F / (COARSE * COARSE));
        }
    *out = fl_map_source_of(values, w, h, fine->d);
    out->owned = values;
    return FL_OK;
}

static enum fl_err compute(struct fl_picture *picture, struct fl_map_source *out,
                           void (*progress)(void *user, const char *what, unsigned percent),
                           void *user, struct fl_error *error)
{
    struct fl_map_source bank = {0};
    float *values = NULL;
    enum fl_err err = fl_filter_bank_source(picture, &bank, progress, user, error);

    if (!err)
        err = bank.decode(bank.user, &values, NULL, error);
    if (!err) {
        *out = fl_map_source_of(values, bank.w, bank.h, bank.d);
        out->owned = values;
    }
    fl_map_source_finish(&bank);
    return err;
}

enum fl_err fl_demo_open(struct fl_picture **picture, struct fl_map_source sources[2],
                         const char *names[2],
                         void (*progress)(void *user, const char *what, unsigned percent),
                         void *user, struct fl_error *error)
{
    *picture = NULL;
    sources[0] = sources[1] = (struct fl_map_source){0};
    names[0] = "fine";
    names[1] = "coarse";
    enum fl_err err = draw(picture, error);
    if (!err)
        err = compute(*picture, &sources[0], progress, user, error);
    if (!err)
        err = average(&sources[0], &sources[1], error);
    if (!err)
        return FL_OK;
    fl_map_source_finish(&sources[0]);
    fl_picture_unref(*picture);
    *picture = NULL;
    return err;
}
