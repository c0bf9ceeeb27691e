#define LOG_MODULE "session"
#include "from.h"
#include "inner.h"

#include "proto/buf.h"
#include "server/base/log.h"
#include "server/base/mem.h"

static void give_to_view(const struct fl_waiter *waiter, struct fl_result *result)
{
    struct fl_viewer *viewer = waiter->viewer;
    struct fl_view *view = &viewer->views[waiter->view];

    view->job = 0;
    if (result->frame->error.code) {
        fl_viewer_say_error(viewer, &result->frame->error, &view->id, &waiter->seq);
        fl_pump_view(viewer, view);
    } else {
        if (result->frame->image && result->frame->render.output == FL_OUT_LEVELS)
            fl_ladder_learn(&view->ladder, result->frame, fl_buf_len(result->frame->image),
                            view->shrink);
        view->ready = fl_result_ref(result);
        view->strip = 0;
        view->ready_seq = waiter->seq;
    }
    fl_wake(viewer);
}

static uint64_t between(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static void count_stages(struct fl_session_counts *counts, const struct fl_frame *frame)
{
    if (frame->error.code || !frame->us_render) // failed, or a picture alone
        return;
    fl_histogram_add(&counts->wait, between(frame->us_asked, frame->us_render));
    fl_histogram_add(&counts->render, between(frame->us_render, frame->us_read));
    fl_histogram_add(&counts->read, between(frame->us_read, frame->us_rendered));
    fl_histogram_add(&counts->encode, between(frame->us_encode, frame->us_done));
}

void fl_session_deliver(struct fl_session *session, struct fl_frame *frame)
{
    struct fl_job *job = fl_jobs_find(session->jobs, frame->job);
    struct fl_result *result = fl_new(struct fl_result);
    const struct fl_waiter *waiters = NULL;

    result->refs = 1;
    result->frame = frame;
    if (frame->error.code)
        log_warn("%s", frame->error.text);
    count_stages(&session->counts, frame);
    fl_jobs_remove(session->jobs, job); // before anyone is told: they may ask anew or leave
    size_t n = fl_job_waiters(job, &waiters);
    for (size_t i = 0; i < n; i++) {
        if (waiters[i].viewer)
            give_to_view(&waiters[i], result);
        else
            waiters[i].done(waiters[i].user, frame);
    }
    fl_job_destroy(job);
    fl_result_unref(result);
    fl_session_feed(session); // the encoders may have been what all waited for
}

static void forget_load(struct fl_session *session, const struct fl_map *map, enum fl_norms norms)
{
    for (struct fl_load **at = &session->loads; *at; at = &(*at)->next)
        if ((*at)->map == map && (*at)->norms == norms) {
            struct fl_load *load = *at;
            *at = load->next;
            fl_map_unref(load->map);
            free(load);
            return;
        }
}

static void view_failed(struct fl_viewer *viewer, struct fl_view *view,
                        const struct fl_error *error)
{
    fl_viewer_say_error(viewer, error, &view->id, &view->seq);
    view->dirty = false;
    if (!view->opened) { // it never could be shown
        fl_view_finish(view);
    }
}

// Whether the view takes its references from this map, another than its own.
static bool is_from(const struct fl_viewer *viewer, const struct fl_view *view,
                    const struct fl_map *map)
{
    const struct fl_looked_at own = {view->scene, view->map};
    struct fl_map *from = NULL;

    return view->map &&
           !fl_from_find(viewer->session->catalogue, &view->state, &own, &from, NULL) &&
           from == map;
}

static void tell_from(struct fl_viewer *viewer, struct fl_view *view, const struct fl_error *error)
{
    if (error->code && view->opened) {
        fl_viewer_say_error(viewer, error, &view->id, &view->seq);
        view->dirty = false;
    } else if (!error->code) {
        fl_pump_view(viewer, view);
    }
}

static void tell_views(struct fl_viewer *viewer, const struct fl_map *map,
                       const struct fl_error *error)
{
    for (uint32_t i = 0; i < FL_MAX_VIEWS; i++) {
        struct fl_view *view = &viewer->views[i];
        if (is_from(viewer, view, map))
            tell_from(viewer, view, error);
        if (view->map != map)
            continue;
        if (error->code) {
            view_failed(viewer, view, error);
            continue;
        }
        if (!view->opened)
            fl_viewer_say(viewer, fl_info_opened(view));
        view->opened = true;
        fl_pump_view(viewer, view);
    }
}

void fl_session_loaded(struct fl_session *session, struct fl_map *map, enum fl_norms norms,
                       const struct fl_error *error)
{
    forget_load(session, map, norms);
    if (error->code)
        log_warn("%s", error->text);
    for (struct fl_viewer *viewer = session->viewers; viewer; viewer = viewer->next) {
        if (!viewer->greeted)
            continue;
        if (!error->code && norms == FL_NORMS_ZERO) // min, max and invalid are known from now on
            fl_viewer_say(viewer, fl_info_scenes(session));
        tell_views(viewer, map, error);
        fl_wake(viewer);
    }
    if (!session->stopped)
        fl_shots_loaded(session, map, error);
}

static void check_viewer(struct fl_viewer *viewer, uint64_t now)
{
    if (!viewer->greeted && now - viewer->joined_at > FL_HELLO_TIMEOUT) {
        fl_viewer_hang_up(viewer, 4408, "no hello came within 5 s");
        fl_wake(viewer);
    }
    if (viewer->n_sent > 0 && !viewer->paused && now - viewer->window.heard_at > FL_STALL_TIMEOUT) {
        fl_viewer_hang_up(viewer, 4408, "no frame was acknowledged for 15 s");
        fl_wake(viewer);
    }
    for (size_t i = 0; i < FL_MAX_VIEWS; i++) {
        struct fl_view *view = &viewer->views[i];
        if (!fl_view_wants_still(view, now - FL_REST))
            continue;
        view->still = view->stilled = true;
        view->dirty = true;
        fl_pump_view(viewer, view);
    }
    fl_loading_tell(viewer, now);
}

void fl_session_tick(struct fl_session *session)
{
    uint64_t now = session->ways.now();

    for (struct fl_viewer *viewer = session->viewers; viewer; viewer = viewer->next)
        check_viewer(viewer, now);
}
