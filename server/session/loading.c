#include "from.h"
#include "inner.h"

#include "proto/reply.h"

#include <stdio.h>

// What people wait for, told while they wait: how much of a map is loaded. The loader writes the number
// into the map and is never asked; here it is looked at with every tick.

static struct fl_load *find_load(struct fl_session *session, const struct fl_map *map,
                                 enum fl_norms norms)
{
    struct fl_load *load = session->loads;

    while (load && (load->map != map || load->norms != norms))
        load = load->next;
    return load;
}

// What this view waits for, its own map before that of its reference; or NULL.
static struct fl_load *find_awaited(struct fl_session *session, const struct fl_view *view)
{
    const struct fl_looked_at own = {view->scene, view->map};
    struct fl_resolved what;

    if (!view->opened)
        return find_load(session, view->map, FL_NORMS_ZERO);
    if (!view->dirty || fl_from_resolve(session->catalogue, &view->state, &own, &what, NULL))
        return NULL;
    enum fl_norms norms =
        (enum fl_norms)session->ways.norms(what.render.metric, what.render.origin);
    struct fl_load *load = find_load(session, view->map, norms);
    return load || !what.from ? load : find_load(session, what.from, norms);
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
    for (size_t i = 0; i < FL_MAX_VIEWS; i++) {
        struct fl_view *view = &viewer->views[i];
        struct fl_load *load = view->map ? find_awaited(session, view) : NULL;
        if (!load || now - load->since < FL_LOADING || now - view->told_at < FL_LOADING)
            continue;
        view->told_at = now;
        tell(viewer, view, load);
    }
}
