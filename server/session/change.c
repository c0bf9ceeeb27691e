#define LOG_MODULE "session"
#include "inner.h"

#include "server/base/log.h"

#include <stdio.h>

// The catalogue becomes another one while people look at it.

static void clip(struct fl_state *state, const struct fl_map_facts *now)
{
    const uint32_t most[2] = {(uint32_t)now->w, (uint32_t)now->h};

    for (int k = 0; k < 2 && state->has_window; k++) {
        if (state->window[k] >= most[k]) // nothing is left of it: all
            state->has_window = false;
        else if (state->window[2 + k] > most[k])
            state->window[2 + k] = most[k];
    }
    if (state->channel >= (uint32_t)now->d)
        state->channel = (uint32_t)now->d - 1;
}

static void close_view(struct fl_viewer *viewer, struct fl_view *view)
{
    const char *scene = view->scene->name, *layer = fl_map_facts(view->map)->name;
    struct fl_error error = {0};
    uint32_t id = view->id;

    fl_fail(&error, FL_ERR_GONE,
            "The map \"%.120s/%.120s\" was taken away from this server; choose another one.", scene,
            layer);
    fl_jobs_forget_view(viewer->session->jobs, viewer, id);
    fl_view_finish(view);
    fl_viewer_say_error(viewer, &error, &id, NULL);
}

// The map is as it was, its scene is not: a picture under a heat map may have changed.
static void move_view(struct fl_view *view, const struct fl_scene *scene)
{
    bool repaint = view->scene->picture != scene->picture && view->state.kind == FL_KIND_COLOUR;

    fl_scene_ref(scene);
    fl_scene_unref(view->scene);
    view->scene = scene;
    if (!repaint)
        return;
    fl_result_unref(view->shown);
    view->shown = NULL;
    view->dirty = true;
}

// The map of the view's reference is another one, or came, or went.
static bool has_other_from(const struct fl_view *view, const struct fl_catalogue *old,
                           const struct fl_catalogue *now)
{
    const char *from = view->state.from;
    const struct fl_scene *scene = NULL;

    return from[0] != '\0' &&
           fl_catalogue_find_map(old, from, &scene) != fl_catalogue_find_map(now, from, &scene);
}

static void change_view(struct fl_viewer *viewer, struct fl_view *view,
                        const struct fl_catalogue *old)
{
    const struct fl_catalogue *catalogue = viewer->session->catalogue;
    const struct fl_scene *scene = fl_catalogue_find(catalogue, view->scene->name);
    struct fl_map *map = scene ? fl_scene_find_map(scene, fl_map_facts(view->map)->name) : NULL;

    if (!map) {
        close_view(viewer, view);
        return;
    }
    if (map != view->map) {
        clip(&view->state, fl_map_facts(map));
        fl_show_map(viewer, view->id, scene, map);
        return;
    }
    if (scene != view->scene)
        move_view(view, scene);
    if (has_other_from(view, old, catalogue)) {
        view->dirty = true;
        view->still = view->stilled = false;
        fl_view_drop_strips(view);
    }
    fl_pump_view(viewer, view);
}

// Maps of the old catalogue that the new one does not have take no more room elsewhere.
static void forget_maps(struct fl_session *session, const struct fl_catalogue *old)
{
    for (size_t i = 0; session->ways.forget && i < fl_catalogue_count(old); i++) {
        const struct fl_scene *was = fl_catalogue_scene(old, i);
        const struct fl_scene *is = fl_catalogue_find(session->catalogue, was->name);
        for (size_t k = 0; k < was->n_maps; k++) {
            const char *layer = fl_map_facts(was->maps[k])->name;
            if (!is || fl_scene_find_map(is, layer) != was->maps[k])
                session->ways.forget(session->ways.user, was->maps[k]);
        }
    }
}

void fl_session_change(struct fl_session *session, const struct fl_catalogue *catalogue)
{
    const struct fl_catalogue *old = session->catalogue;

    session->catalogue = catalogue;
    session->counts.changes++;
    log_info("there are %zu scenes now", fl_catalogue_count(catalogue));
    for (struct fl_viewer *viewer = session->viewers; viewer; viewer = viewer->next) {
        if (!viewer->greeted)
            continue;
        fl_viewer_say(viewer, fl_info_scenes(session));
        for (size_t i = 0; i < viewer->n_views; i++)
            if (viewer->views[i].map)
                change_view(viewer, &viewer->views[i], old);
        fl_wake(viewer);
    }
    forget_maps(session, old);
}
