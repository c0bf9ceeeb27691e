#include "from.h"
#include "inner.h"

void fl_wake(struct fl_viewer *viewer)
{
    struct fl_session *session = viewer->session;
    session->ways.wake(session->ways.user, viewer->socket);
}

// To where the parcel is worked on; by way of the loader where its picture must be read first.
static void send(struct fl_session *session, struct fl_frame *frame)
{
    const struct fl_session_ways *ways = &session->ways;
    bool unread = frame->picture && !fl_picture_rgb(frame->picture);

    session->counts.renders++;
    frame->paced = frame->paced && !unread;
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

// Microseconds: since a pointer's last move, that it has stopped; in the order, that is too long.
static const uint64_t STOPPED = 50000, LONG = 250000;

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
static bool is_shown(const struct fl_view *view, const struct fl_resolved *what)
{
    const struct fl_frame *shown = view->shown ? view->shown->frame : NULL;

    return shown && shown->map == view->map && shown->from == what->from &&
           fl_render_equal(&shown->render, &what->render);
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

struct want { // what a view is to show
    struct fl_resolved what;
    struct fl_encoding encoding;
};

static void wait_for(struct fl_viewer *viewer, struct fl_view *view, struct fl_job *job)
{
    fl_job_wait(job, &(struct fl_waiter){.viewer = viewer, .view = view->id, .seq = view->seq});
    view->job = fl_job_id(job);
    view->dirty = false;
    view->still = false;
}

static struct fl_asked asked_of(const struct fl_session *session, const struct fl_view *view,
                                const struct want *want)
{
    const struct fl_render *render = &want->what.render;
    bool over_picture = render->output == FL_OUT_COLOUR && render->picture != FL_UNDER_NONE;

    return (struct fl_asked){.map = view->map,
                             .picture = over_picture ? view->scene->picture : NULL,
                             .render = render,
                             .encoding = want->encoding,
                             .since = view->still ? session->ways.now() : view->changed_at,
                             .from = want->what.from};
}

bool fl_has_room(struct fl_viewer *viewer, const struct fl_view *view)
{
    if (viewer->n_sent < FL_MOST_FRAMES_OUT &&
        fl_window_has_room(&viewer->window, view->frames_out))
        return true;
    viewer->window.blocked = true;
    return false;
}

// Both are asked for at once where both are missing.
static bool has_maps(struct fl_session *session, struct fl_map *map, const struct fl_resolved *what)
{
    const struct fl_render *render = &what->render;
    enum fl_norms norms = (enum fl_norms)session->ways.norms(render->metric, render->origin);
    bool own = fl_require(session, map, norms);

    return (!what->from || fl_require(session, what->from, norms)) && own;
}

// Whether this view needs a render, and which; else its answer goes out, or nothing can be done yet.
static bool needs_render(struct fl_viewer *viewer, struct fl_view *view, struct want *want)
{
    struct fl_session *session = viewer->session;
    const struct fl_looked_at own = {view->scene, view->map};
    struct fl_resolved *what = &want->what;
    struct fl_error error = {0};

    if (session->stopped || viewer->paused || viewer->close || !fl_view_is_free(view) ||
        !view->opened || !fl_has_room(viewer, view))
        return false;
    if (fl_from_resolve(session->catalogue, &view->state, &own, what, &error)) {
        fl_viewer_say_error(viewer, &error, &view->id, &view->seq);
        view->dirty = view->still = false;
        view->stilled = true; // nor can what is shown be made exact
        fl_wake(viewer);
        return false;
    }
    if (!has_maps(session, view->map, what))
        return false; // stays dirty: fl_session_loaded comes back to it
    // What is shown without a loss is not made anew with one.
    bool shown = is_shown(view, what) && fl_frame_is_lossless(view->shown->frame);
    want->encoding = choose(viewer, view, &what->render);
    shown = shown || (is_shown(view, what) && !view->still);
    if (what->where != FL_WHERE_OUTSIDE && !shown)
        return true;
    echo(viewer, view, what->where == FL_WHERE_OUTSIDE);
    return false;
}

void fl_pump_view(struct fl_viewer *viewer, struct fl_view *view)
{
    struct fl_session *session = viewer->session;
    struct want want;

    if (view->turn.order || !needs_render(viewer, view, &want))
        return;
    struct fl_asked asked = asked_of(session, view, &want);
    struct fl_job *equal = fl_jobs_find_equal(session->jobs, &asked);
    if (equal) {
        wait_for(viewer, view, equal);
        return;
    }
    view->turn.viewer = viewer;
    view->turn.view = view;
    view->turn.since = session->ways.now();
    fl_order_join(&session->order, &view->turn, &viewer->round);
    fl_session_feed(session);
}

// The view's turn: its newest state is rendered. False: there was no need, or somebody's equal
// render serves it.
static bool take_turn(struct fl_viewer *viewer, struct fl_view *view, bool crowded)
{
    struct fl_session *session = viewer->session;
    struct fl_frame *frame = NULL;
    struct want want;

    if (!needs_render(viewer, view, &want))
        return false;
    struct fl_asked asked = asked_of(session, view, &want);
    struct fl_job *job = fl_jobs_find_equal(session->jobs, &asked);
    if (!job)
        job = fl_jobs_start(session->jobs, &asked, &frame);
    wait_for(viewer, view, job);
    if (!frame)
        return false;
    frame->paced = true;
    frame->moving = fl_view_is_moving(view, session->ways.now() - FL_REST);
    frame->crowded = crowded;
    send(session, frame);
    return true;
}

// A pointer that moves brings a newer state before long; one that has stopped does not, and the
// picture that its person waits for is the next: for one of the viewer's views, the others have their
// round. Nor is anyone passed over for long.
static bool is_pressing(const struct fl_turn *turn, uint64_t round, uint64_t now)
{
    bool next = turn->round <= round + 1;

    return (next && now - turn->view->changed_at > STOPPED) || now - turn->since > LONG;
}

struct batch {                // renders that one pass over the map serves
    const struct fl_map *map; // NULL: any, and it holds nothing yet
    unsigned n, most;
    bool crowded; // the one before could not take all
};

// Those whose turn it is, in their order.
static void give_turns(struct fl_session *session, struct batch *batch, bool pressing)
{
    uint64_t now = session->ways.now(), round = session->order.round;

    for (struct fl_turn *turn = session->order.first, *after = NULL; turn && batch->n < batch->most;
         turn = after) {
        after = turn->after;
        if ((batch->map && turn->view->map != batch->map) ||
            (pressing && !is_pressing(turn, round, now)))
            continue;
        fl_turn_take(turn);
        if (!take_turn(turn->viewer, turn->view, batch->crowded))
            continue;
        batch->map = turn->view->map;
        batch->n++;
    }
}

static bool renderer_has_room(const struct fl_session *session)
{
    const struct fl_session_ways *ways = &session->ways;
    return !session->stopped && (!ways->has_room || ways->has_room(ways->user));
}

void fl_session_feed(struct fl_session *session)
{
    unsigned most = session->options.batch ? session->options.batch : FL_MAX_REFS;

    while (session->order.first && renderer_has_room(session)) {
        struct batch batch = {.most = most, .crowded = session->crowded};
        give_turns(session, &batch, true);
        give_turns(session, &batch, false);
        // Of different renders: any number of equal ones is one of them.
        session->crowded = batch.n == most && session->order.first;
    }
}

void fl_pump_viewer(struct fl_viewer *viewer)
{
    for (size_t i = 0; i < viewer->n_views; i++)
        if (viewer->views[i].map)
            fl_pump_view(viewer, &viewer->views[i]);
}
