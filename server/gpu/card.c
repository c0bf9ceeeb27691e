#include "card.h"

#include "proto/colormap.h"

#include <math.h>
#include <string.h>

// Cells 0, 1 and 2 lie in one row. From cell 0 it is 0, 90 and 45 degrees: s = 1, 0, 0.5.
enum { W = 3, D = 5, CARD_W = 8, CARD_H = 4 };
static const float vectors[W][D] = {{1, 0, 0, 0, 0}, {0, 0, 0, 0, 2}, {1, 0, 0, 0, 1}};
static const float inverse_norms[W] = {1, 0.5F, 0.70710678F};
static const float wanted[W] = {1, 0, 0.5F};

static const uint64_t ONE_SECOND = 1000000000;

struct card {
    struct fl_features features;
    struct fl_raster inverse, chords, cells;
};

static bool prepare(struct card *card, const struct fl_limits *limits)
{
    if (fl_features_init(&card->features, W, 1, D, limits, NULL) ||
        !fl_raster_init(&card->inverse, W, 1, limits) ||
        !fl_raster_init(&card->chords, W, 1, limits) || !fl_raster_init(&card->cells, W, 1, limits))
        return false;
    fl_raster_upload(&card->inverse, 0, 1, inverse_norms);
    while (!fl_features_full(&card->features)) {
        if (fl_features_fill(&card->features, NULL, vectors[0], limits, NULL))
            return false;
    }
    return true;
}

static bool compare(struct card *card, struct fl_painter *painter)
{
    struct fl_similarity_task task = {
        .features = &card->features,
        .inverse = &card->inverse,
        .form = FL_FORM_CHORD,
        .vector = vectors[0], // of length 1
    };

    if (!fl_similarity_draw(&painter->compare.similarity, &task, &card->chords))
        return false;
    fl_cellwise_curve(&painter->cellwise, &card->chords, NULL, FL_CURVE_ANGULAR, &card->cells);
    return true;
}

// One picture of the card through the ring; `out`: w * h * channels bytes.
static bool show(struct card *card, struct fl_painter *painter, struct fl_readback *readback,
                 const struct fl_present_task *how, uint8_t *out)
{
    struct fl_slot *slot = fl_readback_free(readback);
    struct fl_present_task task = *how;
    struct fl_stats stats = {0};
    const struct fl_reduce_task whole = {.stretch = {.kind = FL_STRETCH_MINMAX}};

    task.cells = &card->cells;
    task.stats = slot->stats;
    fl_reduce_run(&painter->reduce, &card->cells, &whole, slot->stats);
    slot->piece = (struct fl_rect){0, 0, task.w, task.h};
    if (!fl_slot_target(slot, fl_present_format(task.output), task.w, task.h))
        return false;
    fl_present_draw(&painter->present, &task, slot->piece, &slot->target);
    fl_slot_begin(slot, readback->direct);
    for (int seconds = 0; seconds < 60 && !fl_slot_done(slot, ONE_SECOND); seconds++)
        continue;
    return fl_slot_take(slot, readback->direct, out, task.w,
                        task.output == FL_OUT_COLOUR ? 3 : 4) &&
           fl_slot_stats(slot, readback->direct, &stats) && stats.valid == W &&
           fabsf(stats.lo) < 1e-6F && stats.hi >= 1;
}

static bool check_numbers(struct card *card, struct fl_painter *painter,
                          struct fl_readback *readback)
{
    const struct fl_present_task values = {
        .window = {0, 0, W, 1}, .w = W, .h = 1, .output = FL_OUT_VALUES};
    uint8_t bytes[W * sizeof(float)] = {0};
    float got[W] = {0};

    if (!show(card, painter, readback, &values, bytes))
        return false;
    memcpy(got, bytes, sizeof got);
    for (int i = 0; i < W; i++) {
        if (!(fabsf(got[i] - wanted[i]) < 1e-6F))
            return false;
    }
    return got[0] >= 1; // exactly 1 at the reference
}

// Cells 0 and 1 as a picture: the colours of the highest and the lowest level, half and half.
static bool check_colours(struct card *card, struct fl_painter *painter,
                          struct fl_readback *readback)
{
    const struct fl_present_task colours = {.window = {0, 0, 2, 1},
                                            .w = CARD_W,
                                            .h = CARD_H,
                                            .output = FL_OUT_COLOUR,
                                            .colormap = FL_COLORMAP_VIRIDIS,
                                            .under = FL_UNDER_NONE};
    const uint8_t *rows = fl_colormap_rgb(FL_COLORMAP_VIRIDIS);
    uint8_t got[CARD_H][CARD_W][3] = {{{0}}};

    if (!show(card, painter, readback, &colours, &got[0][0][0]))
        return false;
    for (int i = 0; i < CARD_W * CARD_H * 3; i++) {
        int x = i / 3 % CARD_W, y = i / 3 / CARD_W, level = x < CARD_W / 2 ? 255 : 0;
        int off = got[y][x][i % 3] - rows[level * 3 + i % 3];
        if (off < -1 || off > 1)
            return false;
    }
    return true;
}

enum fl_err fl_card_check(struct fl_painter *painter, struct fl_readback *readback,
                          struct fl_error *error)
{
    struct card card = {0};
    const char *failed = NULL;

    if (!prepare(&card, &painter->limits) || !compare(&card, painter))
        failed = "could not draw it";
    else if (!check_numbers(&card, painter, readback))
        failed = "computed wrong similarities";
    else if (!check_colours(&card, painter, readback))
        failed = "returned wrong colours";
    fl_features_finish(&card.features);
    fl_raster_finish(&card.inverse);
    fl_raster_finish(&card.chords);
    fl_raster_finish(&card.cells);
    if (failed)
        return fl_fail(error, FL_ERR_GPU,
                       "The GPU failed the self-test (it %s); update its driver, choose another "
                       "with --gpu, or pass --software.",
                       failed);
    return FL_OK;
}
