#include "encode.h"

#include "colorbar.h"
#include "grey_png.h"
#include "hurry.h"
#include "jpeg_write.h"
#include "png_write.h"
#include "proto/buf.h"
#include "server/base/clock.h"
#include "server/base/mem.h"
#include "server/base/thread.h"
#include "strips.h"

#include <stdatomic.h>
#include <string.h>

enum { MAX_THREADS = 64 };

struct fl_encode {
    struct fl_mailbox *inbox;
    struct fl_thread *threads[MAX_THREADS];
    unsigned n_threads;
    atomic_uint waiting; // frames in the inbox
    fl_frame_fn done;
    void *user; // borrowed
};

struct tools { // a thread's own; either may be NULL
    struct fl_jpeg *jpeg;
    struct fl_grey_png *grey;
};

static struct fl_buf *encode_png(const struct fl_frame *frame, struct fl_grey_png *grey,
                                 size_t budget)
{
    return fl_png_write(&(struct fl_png){
        .pixels = frame->pixels,
        .w = frame->w,
        .h = frame->h,
        .channels = frame->channels,
        .bits = frame->render.output == FL_OUT_MASK ? 1 : 8,
        .budget = budget,
        .grey = grey,
    });
}

static struct fl_buf *encode_values(const struct fl_frame *frame)
{
    size_t len = (size_t)frame->w * (size_t)frame->h * (size_t)frame->channels;
    struct fl_buf *buf = fl_buf_create(len);

    if (!buf)
        return NULL;
    memcpy(fl_buf_bytes(buf), frame->pixels, len);
    fl_buf_set_len(buf, len);
    return buf;
}

static void encode_frame(const struct tools *tools, struct fl_frame *frame)
{
    const struct fl_encoding *how = &frame->encoding;

    if (frame->render.colorbar && fl_colorbar_add(frame, &frame->error))
        return;
    if (frame->render.output == FL_OUT_VALUES) {
        frame->image = encode_values(frame);
        frame->enc = FL_ENC_RAW;
    } else if (how->enc != FL_ENC_JPEG) {
        frame->image = encode_png(frame, tools->grey, how->enc == FL_ENC_PNG ? 0 : how->budget);
        frame->enc = FL_ENC_PNG;
    }
    if (!frame->image && how->strip > 0 && frame->enc == FL_ENC_PNG &&
        fl_strips_write(frame, tools->grey))
        return;
    if (!frame->image && tools->jpeg && how->enc != FL_ENC_PNG && frame->enc != FL_ENC_RAW) {
        frame->image = fl_jpeg_write(tools->jpeg, frame->pixels, frame->w, frame->h,
                                     frame->channels, how->quality);
        frame->enc = FL_ENC_JPEG;
    }
    if (!frame->image) {
        frame->enc = FL_ENC_NONE;
        fl_fail(&frame->error, FL_ERR_TOO_BIG,
                "The picture could not be encoded for want of memory; ask for a smaller one.");
    }
}

static void run(void *user)
{
    struct fl_encode *encode = user;
    struct tools tools = {fl_jpeg_create(), fl_grey_png_create()};
    struct fl_frame *frame = NULL;

    while ((frame = fl_mailbox_take(encode->inbox))) {
        unsigned waiting = atomic_fetch_sub(&encode->waiting, 1) - 1; // beside this one
        frame->us_encode = fl_now_us();
        bool to_do = !frame->error.code && !frame->image && frame->pixels;
        if (to_do && tools.jpeg && fl_hurry_wanted(frame, waiting, encode->n_threads))
            fl_hurry(frame);
        if (to_do)
            encode_frame(&tools, frame);
        free(frame->pixels); // nobody needs them any more
        frame->pixels = NULL;
        frame->us_done = fl_now_us();
        encode->done(encode->user, frame);
    }
    fl_jpeg_destroy(tools.jpeg);
    fl_grey_png_destroy(tools.grey);
}

struct fl_encode *fl_encode_create(unsigned threads, fl_frame_fn done, void *user)
{
    struct fl_encode *encode = fl_new(struct fl_encode);

    encode->inbox = fl_mailbox_create();
    encode->done = done;
    encode->user = user;
    encode->n_threads = threads < 1 ? 1 : threads < MAX_THREADS ? threads : MAX_THREADS;
    for (unsigned i = 0; i < encode->n_threads; i++)
        encode->threads[i] = fl_thread_start("encode", run, encode);
    return encode;
}

void fl_encode_destroy(struct fl_encode *encode)
{
    if (!encode)
        return;
    fl_mailbox_close(encode->inbox);
    for (unsigned i = 0; i < encode->n_threads; i++)
        fl_thread_join(encode->threads[i]);
    fl_mailbox_destroy(encode->inbox);
    free(encode);
}

void fl_encode_send(struct fl_encode *encode, struct fl_frame *frame)
{
    atomic_fetch_add(&encode->waiting, 1); // first: whoever takes it counts it off
    fl_mailbox_put(encode->inbox, frame);
}
