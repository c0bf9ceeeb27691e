#define LOG_MODULE "session"
#include "from.h"
#include "inner.h"

#include "proto/reply.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdio.h>

// Maps that the loader makes ready: asked for once, whoever needs them; told while people wait; and those
// who waited go on when they are there.

// Where the load hangs in the list; the list's end where there is none.
static struct fl_load **find_load(struct fl_session *session, const struct fl_map *map,
                                  enum fl_norms norms)
{
    struct fl_load **at = &session->loads;

    while (*at && ((*at)->map != map || (*at)->norms != norms))
        at = &(*at)->next;
    return at;
}

static void drop_load(struct fl_load **at)
{
    struct fl_load *load = *at;

    *at = load->next;
    fl_map_unref(load->map);
    free(load);
}

void fl_loads_end(struct fl_session *session)
{
    while (session->loads)
        drop_load(&session->loads);
}

bool fl_require(struct fl_session *session, struct fl_map *map, enum fl_norms norms)
{
    if (fl_map_loaded(map, norms))
        return true;
    if (*find_load(session, map, norms))
        return false;
    struct fl_load *load = fl_new(struct fl_load);
    *load = (struct fl_load){session->loads, fl_map_ref(map), norms, session->ways.now(), 0};
    session->loads = load;
    session->ways.load(session->ways.user, map, norms);
    return false;
}

// --- while it goes on ---

// The loader writes how much of it is done into the map, and is never asked: that is looked at here with
// every tick.

// What this view waits for, its own map before that of its reference; or NULL.
static struct fl_load *find_awaited(struct fl_session *session, const struct fl_view *view)
{
    const struct fl_looked_at own = {view->scene, view->map};
    struct fl_resolved what;

    if (!view->opened)
        return *find_load(session, view->map, FL_NORMS_ZERO);
    if (!view->dirty || fl_from_resolve(session->catalogue, &view->state, &own, &what, NULL))
        return NULL;
    enum fl_norms norms =
        (enum fl_norms)session->ways.norms(what.render.metric, what.render.origin);
    struct fl_load *load = *find_load(session, view->map, norms);
    return load || !what.from ? load : *find_load(session, what.from, norms);
}

static void tell(struct fl_viewer *viewer, const struct fl_view *view, struct fl_load *load)
{
    double done = fl_map_progress(load->map, load->norms);
    char own[FL_MAX_NAME];
    const char *map = view->state.from;

    if (done > load->done) // those who work on it do not tell it in order
        load->done = done;
    if (load->map == view->map) {
        snprintf(own, sizeof own, "%s/%s", view->scene->name, fl_map_facts(view->map)->name);
        map = own;
    }
    fl_viewer_say(viewer, fl_reply_loading(view->id, map, load->done));
    fl_wake(viewer);
}

void fl_loading_tell(struct fl_viewer *viewer, uint64_t now)
{
    struct fl_session *session = viewer->session;

    // What a slow link has not taken yet is not followed by more of the same.
    if (!session->loads || !viewer->greeted || viewer->paused || viewer->n_waiting > 0)
        return;
    for (size_t i = 0; i < viewer->n_views; i++) {
        struct fl_view *view = &viewer->views[i];
        struct fl_load *load = view->map ? find_awaited(session, view) : NULL;
        if (!load || now - load->since < FL_LOADING || now - view->told_at < FL_LOADING)
            continue;
        view->told_at = now;
        tell(viewer, view, load);
    }
}

// --- when it is there, or failed ---

static void view_failed(struct fl_viewer *viewer, struct fl_view *view,
                        const struct fl_error *error)
{
    fl_viewer_say_error(viewer, error, &view->id, &view->seq);
    view->dirty = false;
    if (!view->opened) // it never could be shown
        fl_view_finish(view);
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
    for (uint32_t i = 0; i < viewer->n_views; i++) {
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
    struct fl_load **load = find_load(session, map, norms);

    if (*load)
        drop_load(load);
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
