#include "probe.h"

#include "exact.h"
#include "from.h"

#include "proto/msg.h"
#include "proto/reply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A region of more values is not gone through on this thread: the frame that shows it brings them.
static const int64_t AT_ONCE = 4194304;

enum { KEPT = 6 }; // places where a region's references may be found

struct asked { // one probe
    struct fl_viewer *viewer;
    struct fl_view *view;
    const struct fl_msg *msg;
    struct fl_resolved what; // the references
    bool none;               // there are none to compare with
    // Shared references.
    struct fl_references *references, *plain;
};

static void find_point(struct asked *asked)
{
    const double *from = asked->msg->probe.from;
    struct fl_cell *cell = &asked->what.render.refs[0];

    memset(&asked->what, 0, sizeof asked->what);
    cell->sign = 1;
    asked->none = !fl_map_cell(asked->view->map, from[0], from[1], &cell->i, &cell->j);
    asked->what.render.n_refs = 1;
}

static void find_references(struct asked *asked)
{
    const struct fl_view *view = asked->view;
    const struct fl_looked_at own = {view->scene, view->map};
    struct fl_state state = view->state;
    struct fl_error ignored;

    state.mode = FL_MODE_SIMILARITY; // whatever the picture shows
    state.has_window = false;
    asked->none =
        fl_from_resolve(asked->viewer->session->catalogue, &state, &own, &asked->what, &ignored) ||
        asked->what.where == FL_WHERE_OUTSIDE;
}

static int64_t values_of(const struct fl_map *map, const struct fl_render *render)
{
    const int32_t *r = render->region;

    return (int64_t)(r[2] - r[0]) * (r[3] - r[1]) * fl_map_facts(map)->d;
}

// Those of the region in a frame of this view, or of the probe before.
static struct fl_references *find_kept(struct fl_view *view, const struct fl_map *map, bool foreign,
                                       const struct fl_render *render)
{
    const struct fl_frame *shown = view->shown ? view->shown->frame : NULL;
    const struct fl_frame *ready = view->ready ? view->ready->frame : NULL;
    struct fl_references *all[KEPT] = {shown ? shown->references : NULL,
                                       shown ? shown->plain : NULL,
                                       ready ? ready->references : NULL,
                                       ready ? ready->plain : NULL,
                                       view->probed[0],
                                       view->probed[1]};

    for (size_t k = 0; k < KEPT; k++)
        if (fl_references_are(all[k], map, foreign, render))
            return fl_references_ref(all[k]);
    return NULL;
}

static struct fl_references *take(struct asked *asked, const struct fl_render *render, int place,
                                  struct fl_error *error)
{
    struct fl_view *view = asked->view;
    const struct fl_map *from = asked->what.from ? asked->what.from : view->map;

    if (!render->has_region)
        return fl_references_create(from, false, render, error);
    struct fl_references *found = find_kept(view, from, asked->what.from != NULL, render);
    if (!found && values_of(from, render) > AT_ONCE) {
        fl_fail(
            error, FL_ERR_ORDER,
            "The region is still being gone through; probe again after the frame that shows it.");
        return NULL;
    }
    if (!found)
        found = fl_references_create(from, asked->what.from != NULL, render, error);
    if (found) {
        fl_references_unref(view->probed[place]);
        view->probed[place] = fl_references_ref(found);
    }
    return found;
}

// Nothing where there is none to compare with.
static bool take_all(struct asked *asked, struct fl_error *error)
{
    const struct fl_state *state = &asked->view->state;
    struct fl_render render = asked->what.render;

    if (asked->none)
        return true;
    if (asked->what.from && !fl_map_loaded(asked->what.from, FL_NORMS_ZERO)) {
        fl_fail(error, FL_ERR_ORDER,
                "The map of the reference is still being loaded; probe after the next frame.");
        return false;
    }
    render.mode = FL_MODE_SIMILARITY;
    render.metric = state->metric;
    render.origin = state->origin;
    asked->references = take(asked, &render, 0, error);
    render.metric = FL_METRIC_COSINE;
    render.origin = FL_ORIGIN_ZERO;
    if (asked->references)
        asked->plain = take(asked, &render, 1, error);
    return asked->plain != NULL;
}

// `p` has room for d values.
static void compare(const struct asked *asked, struct fl_probe_info *info, float *p, double *room)
{
    const struct fl_view *view = asked->view;

    info->has_cell = fl_map_cell(view->map, asked->msg->probe.at[0], asked->msg->probe.at[1],
                                 &info->cell[0], &info->cell[1]);
    if (!info->has_cell)
        return;
    fl_map_read_vector(view->map, info->cell[0], info->cell[1], p);
    info->vector = p;
    const struct fl_exact_task task = {.p = p,
                                       .d = info->d,
                                       .metric = view->state.metric,
                                       .origin = view->state.origin,
                                       .min = (double)fl_map_stats(view->map)->min,
                                       .references = asked->references,
                                       .plain = asked->plain,
                                       .room = room};
    struct fl_exact exact = fl_exact_compare(&task);
    info->s = exact.s;
    info->cosine = exact.cosine;
    info->angle = exact.angle;
    info->norm = exact.norm;
}

static void answer(struct asked *asked)
{
    struct fl_probe_info info = {.view = asked->view->id,
                                 .seq = asked->msg->probe.seq,
                                 .s = (double)NAN,
                                 .cosine = (double)NAN,
                                 .angle = (double)NAN,
                                 .norm = (double)NAN,
                                 .d = (uint32_t)fl_map_facts(asked->view->map)->d};
    float *p = calloc(info.d, sizeof *p);
    double *room = calloc(info.d, 2 * sizeof *room);

    if (p && room)
        compare(asked, &info, p, room);
    fl_viewer_say(asked->viewer, p && room ? fl_reply_probed(&info) : NULL);
    free(room);
    free(p);
}

void fl_probe(struct fl_viewer *viewer, struct fl_view *view, const struct fl_msg *msg)
{
    struct asked asked = {.viewer = viewer, .view = view, .msg = msg};
    struct fl_error error = {0};

    if (!view->opened) {
        fl_fail(&error, FL_ERR_ORDER, "The map is still being loaded; probe it after `opened`.");
    } else {
        if (msg->probe.has_from)
            find_point(&asked);
        else
            find_references(&asked);
        if (take_all(&asked, &error))
            answer(&asked);
    }
    if (error.code)
        fl_viewer_say_error(viewer, &error, &view->id, &msg->probe.seq);
    fl_references_unref(asked.references);
    fl_references_unref(asked.plain);
}
