#include "inner.h"

#include "proto/buf.h"
#include "proto/reply.h"
#include "server/base/mem.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static const double MESSAGES_A_SECOND = 2000, BURST = 4000;

static void make_id(char id[33])
{
    uint8_t bytes[16] = {0};

    // An id only finds its own old state again and is no secret; zeros would merely not be unique.
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        memset(bytes, 0, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}

struct fl_viewer *fl_viewer_create(struct fl_session *session, void *socket, uint64_t now)
{
    struct fl_viewer *viewer = fl_new(struct fl_viewer);

    viewer->session = session;
    viewer->socket = socket;
    viewer->joined_at = viewer->allowed_at = now;
    viewer->allowance = BURST;
    make_id(viewer->id);
    fl_window_init(&viewer->window);
    return viewer;
}

void fl_viewer_destroy(struct fl_viewer *viewer)
{
    struct fl_buf *message = NULL;

    while ((message = fl_viewer_take_message(viewer)))
        fl_buf_unref(message);
    for (size_t i = 0; i < viewer->n_views; i++)
        fl_view_finish(&viewer->views[i]);
    free(viewer);
}

bool fl_viewer_allows(struct fl_viewer *viewer, uint64_t now)
{
    viewer->allowance += (double)(now - viewer->allowed_at) * 1e-6 * MESSAGES_A_SECOND;
    viewer->allowed_at = now;
    if (viewer->allowance > BURST)
        viewer->allowance = BURST;
    viewer->allowance -= 1;
    return viewer->allowance >= 0;
}

void fl_viewer_say(struct fl_viewer *viewer, struct fl_buf *message)
{
    if (!message || viewer->close || viewer->n_waiting == FL_MOST_WAITING) {
        fl_buf_unref(message);
        fl_viewer_hang_up(viewer, message ? 4429 : 1011, message ? "flood" : "out of memory");
        return;
    }
    unsigned at = (viewer->first_waiting + viewer->n_waiting++) % FL_MOST_WAITING;
    viewer->waiting[at] = message;
}

void fl_viewer_say_error(struct fl_viewer *viewer, const struct fl_error *error,
                         const uint32_t *view, const uint32_t *seq)
{
    viewer->session->counts.errors++;
    fl_viewer_say(viewer, fl_reply_error(&(struct fl_error_info){
                              .error = error,
                              .has_view = view != NULL,
                              .view = view ? *view : 0,
                              .has_seq = seq != NULL,
                              .seq = seq ? *seq : 0,
                          }));
}

void fl_viewer_hang_up(struct fl_viewer *viewer, uint16_t code, const char *reason)
{
    if (viewer->close)
        return; // the first reason is the one
    viewer->close = code;
    viewer->reason = reason;
}

struct fl_buf *fl_viewer_take_message(struct fl_viewer *viewer)
{
    if (viewer->n_waiting == 0)
        return NULL;
    struct fl_buf *message = viewer->waiting[viewer->first_waiting];
    viewer->first_waiting = (viewer->first_waiting + 1) % FL_MOST_WAITING;
    viewer->n_waiting--;
    return message;
}

unsigned fl_viewer_open_views(const struct fl_viewer *viewer)
{
    unsigned n = 0;
    for (size_t i = 0; i < viewer->n_views; i++)
        n += viewer->views[i].map != NULL;
    return n;
}

uint32_t fl_viewer_count_frame(struct fl_viewer *viewer, uint32_t view, size_t bytes, uint64_t now)
{
    fl_window_sent(&viewer->window, bytes, now);
    viewer->views[view].frames_out++;
    // The window keeps a view below 8 frames, so the ring is never full.
    unsigned at = (viewer->first_sent + viewer->n_sent++) % FL_MOST_FRAMES_OUT;
    viewer->sent[at] = (struct fl_sent){
        .frame = ++viewer->last_frame,
        .view = view,
        .bytes = bytes,
        .at = now,
    };
    return viewer->last_frame;
}

bool fl_viewer_ack(struct fl_viewer *viewer, uint32_t frame, uint32_t decode, uint64_t now)
{
    bool any = false;

    while (viewer->n_sent > 0) {
        const struct fl_sent *sent = &viewer->sent[viewer->first_sent];
        if ((int32_t)(frame - sent->frame) < 0) // ids may wrap around
            break;
        fl_histogram_add(&viewer->session->counts.round_trip, now - sent->at);
        fl_window_acked(&viewer->window, sent->bytes, sent->at, decode, now);
        struct fl_view *view = &viewer->views[sent->view];
        if (view->frames_out > 0)
            view->frames_out--;
        viewer->first_sent = (viewer->first_sent + 1) % FL_MOST_FRAMES_OUT;
        viewer->n_sent--;
        any = true;
    }
    return any;
}
