#include "strips.h"

#include "png_write.h"
#include "proto/buf.h"

#include <stdlib.h>
#include <string.h>

static struct fl_buf *write_rows(const struct fl_frame *frame, struct fl_grey_png *grey, int32_t y,
                                 int32_t rows)
{
    uint32_t budget = frame->encoding.strip;
    size_t row = (size_t)frame->w * (size_t)frame->channels;

    return fl_png_write(&(struct fl_png){
        .pixels = frame->pixels + (size_t)y * row,
        .w = frame->w,
        .h = rows,
        .channels = frame->channels,
        .bits = 8,
        .budget = rows > 1 ? budget : 0, // a row cannot be cut
        .grey = grey,
    });
}

static bool add(struct fl_frame *frame, const struct fl_strip *strip)
{
    struct fl_strip *strips =
        realloc(frame->strips, ((size_t)frame->n_strips + 1) * sizeof *strips);

    if (!strips)
        return false;
    frame->strips = strips;
    frame->strips[frame->n_strips++] = *strip;
    return true;
}

static void forget(struct fl_frame *frame)
{
    for (int32_t i = 0; i < frame->n_strips; i++)
        fl_buf_unref(frame->strips[i].image);
    free(frame->strips);
    frame->strips = NULL;
    frame->n_strips = 0;
}

bool fl_strips_write(struct fl_frame *frame, struct fl_grey_png *grey)
{
    int32_t rows = frame->h;

    for (int32_t y = 0; y < frame->h;) {
        if (rows > frame->h - y)
            rows = frame->h - y;
        struct fl_strip strip = {write_rows(frame, grey, y, rows), y, y + rows};
        if (!strip.image && rows > 1) {
            rows = (rows + 1) / 2; // and as many for the next one: neighbours are alike
            continue;
        }
        if (!strip.image || !add(frame, &strip)) {
            fl_buf_unref(strip.image);
            forget(frame);
            return false;
        }
        y += rows;
    }
    return true;
}
