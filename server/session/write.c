#include "inner.h"

#include "proto/buf.h"
#include "proto/reply.h"

#include <math.h>
#include <string.h>

static uint32_t micros(uint64_t from, uint64_t to)
{
    uint64_t us = to > from ? to - from : 0;
    return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static const char *enc_name(enum fl_enc enc)
{
    return enc == FL_ENC_PNG ? "png" : enc == FL_ENC_JPEG ? "jpeg" : "none";
}

static void fill_numbers(struct fl_frame_head *head, const struct fl_frame *frame)
{
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    bool any = fl_frame_has_picture(frame);

    head->kind =
        fl_kind_names[frame->render.output == FL_OUT_COLOUR ? FL_KIND_COLOUR : FL_KIND_SCALAR];
    head->w = any ? (uint32_t)frame->w : 0;
    head->h = any ? (uint32_t)frame->h : 0;
    memcpy(head->window, frame->render.window, sizeof head->window);
    head->lo = frame->lo;
    head->hi = frame->hi;
    head->range[0] = frame->range[0];
    head->range[1] = frame->range[1];
    head->exact = frame->exact && fl_frame_is_lossless(frame);
    head->hist = isnan(frame->lo) ? NULL : frame->hist;
    head->has_best = frame->best[0] >= 0;
    memcpy(head->best, frame->best, sizeof head->best);
    head->d = (uint32_t)facts->d;
    head->us_wait = micros(frame->us_asked, frame->us_render);
    head->us_render = micros(frame->us_render, frame->us_read);
    head->us_read = micros(frame->us_read, frame->us_rendered);
    head->us_encode = micros(frame->us_encode, frame->us_done);
}

static void fill_reference(struct fl_frame_head *head, const struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;

    head->has_cell = render->n_refs == 1 && !render->has_region;
    head->cell[0] = render->refs[0].i;
    head->cell[1] = render->refs[0].j;
}

static bool equal_images(const struct fl_result *a, const struct fl_result *b)
{
    struct fl_buf *x = a ? a->frame->image : NULL, *y = b ? b->frame->image : NULL;

    return x && y && a->frame->map == b->frame->map && fl_buf_len(x) == fl_buf_len(y) &&
           memcmp(a->frame->render.window, b->frame->render.window, sizeof(int32_t[4])) == 0 &&
           memcmp(fl_buf_bytes(x), fl_buf_bytes(y), fl_buf_len(x)) == 0;
}

// The numbers of nothing: no frame was ever shown and none can be.
static struct fl_frame_head empty_head(const struct fl_view *view)
{
    return (struct fl_frame_head){
        .kind = fl_kind_names[view->state.kind],
        .lo = (double)NAN,
        .hi = (double)NAN,
        .range = {(double)NAN, (double)NAN},
    };
}

static struct fl_frame_head head_of(const struct fl_view *view, const struct fl_result *result,
                                    bool same)
{
    struct fl_frame_head head = empty_head(view);

    head.enc = "none";
    if (result) {
        fill_numbers(&head, result->frame);
        head.enc =
            same && fl_frame_has_picture(result->frame) ? "same" : enc_name(result->frame->enc);
        if (!view->echo || !view->echo_outside)
            fill_reference(&head, result->frame);
        if (view->state.vector && head.has_cell)
            head.vector = result->frame->vector;
    }
    head.view = view->id;
    head.seq = view->ready_seq;
    return head;
}

// The view's newest result went out whole.
static void show(struct fl_view *view)
{
    if (view->ready) {
        fl_result_unref(view->shown);
        view->shown = view->ready;
        view->ready = NULL;
        view->strip = 0;
    }
    view->echo = false;
}

static void count_frame(struct fl_session_counts *counts, size_t bytes, bool same)
{
    counts->frames++;
    counts->same += same;
    counts->bytes += bytes;
    fl_histogram_add(&counts->frame_bytes, bytes);
}

static bool send_message(struct fl_viewer *viewer, const struct fl_view *view,
                         struct fl_frame_head *head, struct fl_buf *image, struct fl_out *out)
{
    struct fl_session *session = viewer->session;
    size_t len = image ? fl_buf_len(image) : 0;

    head->frame = fl_viewer_count_frame(viewer, view->id, len + 512, session->ways.now());
    out->head = fl_reply_frame(head, len);
    out->image = image ? fl_buf_ref(image) : NULL;
    count_frame(&session->counts, (out->head ? fl_buf_len(out->head) : 0) + len,
                strcmp(head->enc, "same") == 0);
    return out->head != NULL;
}

// The next rows of an exact picture; with the last ones it is shown.
static bool write_strip(struct fl_viewer *viewer, struct fl_view *view, struct fl_out *out)
{
    const struct fl_frame *frame = view->ready->frame;
    const struct fl_strip *strip = &frame->strips[view->strip++];
    struct fl_frame_head head = head_of(view, view->ready, false);
    bool last = view->strip == frame->n_strips;

    head.has_rows = true;
    head.rows[0] = (uint32_t)strip->y0;
    head.rows[1] = (uint32_t)strip->y1;
    head.last = last;
    head.exact = head.exact && last;
    bool sent = send_message(viewer, view, &head, strip->image, out);
    if (last)
        show(view);
    return sent;
}

static bool write_frame(struct fl_viewer *viewer, struct fl_view *view, struct fl_out *out)
{
    struct fl_result *result = view->ready ? view->ready : view->shown;
    bool same = view->echo || equal_images(view->ready, view->shown);
    struct fl_buf *image = result && !same ? result->frame->image : NULL;
    struct fl_frame_head head = head_of(view, result, same);

    if (view->ready && !view->echo && result->frame->n_strips > 0)
        return write_strip(viewer, view, out);
    bool sent = send_message(viewer, view, &head, image, out);
    show(view);
    return sent;
}

// Strips come by themselves, so each waits for the window like a render does.
static bool may_go(struct fl_viewer *viewer, const struct fl_view *view)
{
    if (!view->map || !fl_view_has_frame(view))
        return false;
    bool strips = view->ready && view->ready->frame->n_strips > 0;
    return !strips || fl_has_room(viewer, view);
}

static struct fl_view *find_ready(struct fl_viewer *viewer)
{
    for (uint32_t n = 0; n < viewer->n_views; n++) {
        struct fl_view *view = &viewer->views[(viewer->next_view + n) % viewer->n_views];
        if (may_go(viewer, view))
            return view;
    }
    return NULL;
}

bool fl_has_more(struct fl_viewer *viewer)
{
    return viewer->n_waiting > 0 || viewer->close || (!viewer->paused && find_ready(viewer));
}

bool fl_session_next(struct fl_viewer *viewer, struct fl_out *out)
{
    struct fl_view *view = NULL;

    memset(out, 0, sizeof *out);
    out->head = fl_viewer_take_message(viewer);
    if (out->head) {
        out->more = fl_has_more(viewer);
        return true;
    }
    if (viewer->close) {
        out->close = viewer->close;
        out->reason = viewer->reason;
        return true;
    }
    if (viewer->paused || !(view = find_ready(viewer)))
        return false;
    viewer->next_view = (view->id + 1) % viewer->n_views;
    if (!write_frame(viewer, view, out)) { // no memory for the head
        fl_buf_unref(out->image);
        memset(out, 0, sizeof *out);
        fl_viewer_hang_up(viewer, 1011, "out of memory");
        fl_wake(viewer);
        return false;
    }
    fl_pump_view(viewer, view); // the view is free: the next render starts while this one is sent
    out->more = fl_has_more(viewer);
    return true;
}
