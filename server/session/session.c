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
    while (session->loads) {
        struct fl_load *load = session->loads;
        session->loads = load->next;
        fl_map_unref(load->map);
        free(load);
    }
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

size_t fl_viewer_limit(const struct fl_viewer *viewer)
{
    return viewer->greeted ? FL_MAX_FROM_CLIENT : FL_MAX_BEFORE;
}

struct fl_session_counts fl_session_counts(const struct fl_session *session)
{
    return session->counts;
}
