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
    *load = (struct fl_load){session->loads, map, norms};
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

static struct fl_encoding encoding_of(const struct fl_viewer *viewer, const struct fl_view *view)
{
    const struct fl_session_options *options = &viewer->session->options;
    int32_t quality = options->quality ? (int32_t)options->quality : 90;

    if (view->still)
        return (struct fl_encoding){FL_ENC_PNG, 0, 0};
    if (view->state.kind == FL_KIND_COLOUR || options->quality)
        return (struct fl_encoding){FL_ENC_JPEG, 0, quality};
    uint32_t budget = options->frame_budget
                          ? options->frame_budget
                          : fl_window_budget(&viewer->window, fl_viewer_open_views(viewer));
    return (struct fl_encoding){FL_ENC_NONE, budget, quality};
}

// The last frame sent shows this already, and shows it no worse than a new one would.
static bool is_shown(const struct fl_view *view, const struct fl_render *render,
                     const struct fl_encoding *encoding)
{
    const struct fl_frame *shown = view->shown ? view->shown->frame : NULL;

    return shown && shown->map == view->map && fl_render_equal(&shown->render, render) &&
           (fl_frame_is_lossless(shown) || encoding->enc != FL_ENC_PNG);
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
                             *encoding};

    view->job = fl_ask(session, &asked,
                       &(struct fl_waiter){.viewer = viewer, .view = view->id, .seq = view->seq});
    view->dirty = false;
    view->still = false;
}

static bool has_room(struct fl_viewer *viewer, const struct fl_view *view)
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
        !view->opened || !has_room(viewer, view))
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
    struct fl_encoding encoding = encoding_of(viewer, view);
    if (where == FL_WHERE_OUTSIDE || is_shown(view, &render, &encoding))
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
