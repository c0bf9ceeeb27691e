#define LOG_MODULE "session"
#include "inner.h"

#include "proto/msg.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdio.h>

struct fl_session *fl_session_create(const struct fl_catalogue *catalogue,
                                     const struct fl_session_options *options,
                                     const struct fl_session_ways *ways)
{
    struct fl_session *session = fl_new(struct fl_session);

    session->catalogue = catalogue;
    session->options = *options;
    session->ways = *ways;
    session->jobs = fl_jobs_create();
    return session;
}

void fl_session_destroy(struct fl_session *session)
{
    if (!session)
        return;
    while (session->viewers)
        fl_session_leave(session, session->viewers);
    fl_shots_end(session);
    fl_jobs_destroy(session->jobs);
    fl_loads_end(session);
    free(session);
}

void fl_session_stop(struct fl_session *session)
{
    session->stopped = true;
}

const struct fl_catalogue *fl_session_catalogue(const struct fl_session *session)
{
    return session->catalogue;
}

uint64_t fl_session_upload(const struct fl_session *session)
{
    return session->ways.upload ? session->ways.upload(session->ways.user) : 0;
}

struct fl_viewer *fl_session_join(struct fl_session *session, void *socket, const char *path)
{
    struct fl_viewer *viewer = fl_viewer_create(session, socket, session->ways.now());

    snprintf(viewer->path, sizeof viewer->path, "%s", path);
    viewer->number = ++session->last_viewer;
    viewer->next = session->viewers;
    session->viewers = viewer;
    session->counts.viewers++;
    return viewer;
}

void fl_session_leave(struct fl_session *session, struct fl_viewer *viewer)
{
    struct fl_viewer **at = &session->viewers;

    while (*at != viewer)
        at = &(*at)->next;
    *at = viewer->next;
    session->counts.viewers--;
    if (viewer->greeted)
        log_info("viewer %u left%s%s", viewer->number, viewer->close ? ": " : "",
                 viewer->close ? viewer->reason : "");
    fl_jobs_forget_viewer(session->jobs, viewer);
    fl_viewer_destroy(viewer);
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
    for (size_t i = 0; i < viewer->n_views; i++) {
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

size_t fl_viewer_limit(const struct fl_viewer *viewer)
{
    return viewer->greeted ? FL_MAX_FROM_CLIENT : FL_MAX_BEFORE;
}

struct fl_session_counts fl_session_counts(const struct fl_session *session)
{
    return session->counts;
}
