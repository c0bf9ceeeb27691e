#include "inner.h"
#include "resolve.h"

#include "server/base/mem.h"

#include <string.h>

void fl_wake(struct fl_viewer *viewer)
{
    struct fl_session *session = viewer->session;
    session->ways.wake(session->ways.user, viewer->socket);
}

bool fl_require(struct fl_session *session, struct fl_map *map, enum fl_norms norms)
{
    if (fl_map_loaded(map, norms))
        return true;
    for (const struct fl_load *load = session->loads; load; load = load->next)
        if (load->map == map && load->norms == norms)
            return false;
    struct fl_load *load = fl_new(struct fl_load);
    *load = (struct fl_load){session->loads, fl_map_ref(map), norms};
    session->loads = load;
    session->ways.load(session->ways.user, map, norms);
    return false;
}

// To where the parcel is worked on; by way of the loader where its picture must be read first.
static void send(struct fl_session *session, struct fl_frame *frame)
{
    const struct fl_session_ways *ways = &session->ways;
    bool unread = frame->picture && !fl_picture_rgb(frame->picture);

    session->counts.renders++;
    if (!frame->map || unread)
        ways->picture(ways->user, frame);
    else
        ways->render(ways->user, frame);
}

uint64_t fl_ask(struct fl_session *session, const struct fl_asked *asked,
                const struct fl_waiter *waiter)
{
    struct fl_job *job = fl_jobs_find_equal(session->jobs, asked);
    struct fl_frame *frame = NULL;

    if (!job)
        job = fl_jobs_start(session->jobs, asked, &frame);
    fl_job_wait(job, waiter);
    if (frame)
        send(session, frame);
    return fl_job_id(job);
}

// What one message may have beside its head, and a strip of an exact picture.
static const uint32_t MOST_BYTES = 3670016, STRIP = 16384;

static uint32_t budget_of(const struct fl_viewer *viewer)
{
    uint32_t budget = viewer->session->options.frame_budget;

    if (!budget)
        budget = fl_window_budget(&viewer->window, fl_viewer_open_views(viewer));
    return budget > 0 && budget < MOST_BYTES ? budget : MOST_BYTES;
}

// How this render is to be encoded; a moving picture that takes too many bytes is made smaller.
static struct fl_encoding choose(const struct fl_viewer *viewer, struct fl_view *view,
                                 struct fl_render *render)
{
    uint32_t quality = viewer->session->options.quality, budget = budget_of(viewer);
    bool scalar = view->state.kind == FL_KIND_SCALAR;

    view->shrink = 1;
    if (view->still && scalar)
        return (struct fl_encoding){FL_ENC_NONE, budget > STRIP ? budget : STRIP, 95, STRIP};
    if (view->still)
        return (struct fl_encoding){FL_ENC_NONE, MOST_BYTES, 95, 0};
    if (quality || !scalar)
        return (struct fl_encoding){FL_ENC_JPEG, 0, quality ? (int32_t)quality : 90, 0};
    struct fl_rung rung =
        fl_ladder_choose(&view->ladder, (size_t)render->w * (size_t)render->h, budget);
    view->shrink = rung.shrink;
    render->w = (render->w + rung.shrink - 1) / rung.shrink;
    render->h = (render->h + rung.shrink - 1) / rung.shrink;
    return rung.encoding;
}

// The last frame sent shows this already.
static bool is_shown(const struct fl_view *view, const struct fl_render *render)
{
    const struct fl_frame *shown = view->shown ? view->shown->frame : NULL;

    return shown && shown->map == view->map && fl_render_equal(&shown->render, render);
}

static void echo(struct fl_viewer *viewer, struct fl_view *view, bool outside)
{
    view->echo = true;
    view->echo_outside = outside;
    view->ready_seq = view->seq;
    view->dirty = false;
    view->still = false;
    fl_wake(viewer);
}

static void start(struct fl_viewer *viewer, struct fl_view *view, const struct fl_render *render,
                  const struct fl_encoding *encoding)
{
    struct fl_session *session = viewer->session;
    bool over_picture = render->output == FL_OUT_COLOUR && render->picture != FL_UNDER_NONE;
    struct fl_asked asked = {view->map, over_picture ? view->scene->picture : NULL, render,
                             *encoding, view->still ? session->ways.now() : view->changed_at};

    view->job = fl_ask(session, &asked,
                       &(struct fl_waiter){.viewer = viewer, .view = view->id, .seq = view->seq});
    view->dirty = false;
    view->still = false;
}

bool fl_has_room(struct fl_viewer *viewer, const struct fl_view *view)
{
    if (viewer->n_sent < FL_MOST_FRAMES_OUT &&
        fl_window_has_room(&viewer->window, view->frames_out))
        return true;
    viewer->window.blocked = true;
    return false;
}

void fl_pump_view(struct fl_viewer *viewer, struct fl_view *view)
{
    struct fl_session *session = viewer->session;
    enum fl_where where = FL_WHERE_CELL;
    struct fl_error error = {0};
    struct fl_render render;

    if (session->stopped || viewer->paused || viewer->close || !fl_view_is_free(view) ||
        !view->opened || !fl_has_room(viewer, view))
        return;
    if (fl_resolve(&view->state, view->map, view->scene->picture, &render, &where, &error)) {
        fl_viewer_say_error(viewer, &error, &view->id, &view->seq);
        view->dirty = false;
        fl_wake(viewer);
        return;
    }
    int norms = session->ways.norms(render.metric, render.origin);
    if (!fl_require(session, view->map, (enum fl_norms)norms))
        return; // stays dirty: fl_session_loaded comes back to it
    // What is shown without a loss is not made anew with one.
    bool shown = is_shown(view, &render) && fl_frame_is_lossless(view->shown->frame);
    struct fl_encoding encoding = choose(viewer, view, &render);
    shown = shown || (is_shown(view, &render) && !view->still);
    if (where == FL_WHERE_OUTSIDE || shown)
        echo(viewer, view, where == FL_WHERE_OUTSIDE);
    else
        start(viewer, view, &render, &encoding);
}

void fl_pump_viewer(struct fl_viewer *viewer)
{
    for (size_t i = 0; i < FL_MAX_VIEWS; i++)
        if (viewer->views[i].map)
            fl_pump_view(viewer, &viewer->views[i]);
}
