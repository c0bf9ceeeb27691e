#define LOG_MODULE "session"
#include "exact.h"
#include "inner.h"
#include "resolve.h"

#include "proto/msg.h"
#include "proto/reply.h"
#include "server/base/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An open view, or NULL and the answer that there is none.
static struct fl_view *open_view(struct fl_viewer *viewer, uint32_t id, const uint32_t *seq)
{
    struct fl_error error = {0};

    if (viewer->views[id].map)
        return &viewer->views[id];
    fl_fail(&error, FL_ERR_NOT_FOUND, "View %u is not open; send `open` with a map first.", id);
    fl_viewer_say_error(viewer, &error, &id, seq);
    return NULL;
}

static void on_hello(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_error error = {0};

    if (viewer->greeted) {
        fl_fail(&error, FL_ERR_ORDER, "`hello` came twice; it opens a connection once.");
    } else if (msg->hello.v != 1) {
        fl_fail(&error, FL_ERR_VERSION,
                "This server speaks version 1 of farlook, not %u; reload the page or update the "
                "client.",
                msg->hello.v);
    }
    if (!error.code && msg->hello.session[0] && strcmp(msg->hello.session, viewer->path) != 0)
        fl_fail(&error, FL_ERR_NOT_FOUND,
                "`session` is \"%s\", and this address leads to \"%s\"; leave it out or open "
                "/s/%s/.",
                msg->hello.session, viewer->path, msg->hello.session);
    if (error.code) {
        fl_viewer_say_error(viewer, &error, NULL, NULL);
        fl_viewer_hang_up(viewer, 4400, fl_err_str(error.code));
        return;
    }
    viewer->greeted = true;
    log_info("viewer %u joined", viewer->number);
    fl_viewer_say(viewer, fl_info_welcome(viewer));
}

void fl_show_map(struct fl_viewer *viewer, uint32_t id, const struct fl_scene *scene,
                 struct fl_map *map)
{
    struct fl_session *session = viewer->session;
    struct fl_view *view = &viewer->views[id], before = *view;

    fl_scene_ref(scene); // they may be the view's own
    fl_map_ref(map);
    fl_jobs_forget_view(session->jobs, viewer, id);
    fl_view_finish(view);
    *view = (struct fl_view){
        .id = id,
        .scene = scene,
        .map = map,
        .state = before.map ? before.state : fl_state_default(),
        .seq = before.seq,
        .frames_out = before.frames_out,
        .dirty = true,
        .changed_at = session->ways.now(),
    };
    fl_ladder_init(&view->ladder);
    if (!fl_require(session, map, FL_NORMS_ZERO))
        return; // `opened` comes when it is loaded
    view->opened = true;
    fl_viewer_say(viewer, fl_info_opened(view));
    fl_pump_view(viewer, view);
}

static void on_open(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_view *view = &viewer->views[msg->open.view];
    const struct fl_scene *scene = NULL;
    struct fl_map *map = fl_catalogue_find_map(viewer->session->catalogue, msg->open.map, &scene);
    struct fl_error error = {0};

    if (!map) {
        fl_fail(&error, FL_ERR_NOT_FOUND,
                "There is no map \"%s\" on this server; choose one of those that `scenes` lists.",
                msg->open.map);
        fl_viewer_say_error(viewer, &error, &msg->open.view, NULL);
        return;
    }
    view->seq = 0; // it rises from anywhere again
    view->frames_out = 0;
    fl_show_map(viewer, msg->open.view, scene, map);
}

// Whether another map's vector is asked for as the reference.
static bool is_foreign(const struct fl_view *view, const struct fl_state *state)
{
    char own[2 * FL_MAX_NAME];

    snprintf(own, sizeof own, "%s/%s", view->scene->name, fl_map_facts(view->map)->name);
    return state->from[0] != '\0' && strcmp(state->from, own) != 0;
}

static enum fl_err check_set(const struct fl_view *view, uint32_t seq, const struct fl_state *state,
                             struct fl_error *error)
{
    enum fl_where where = FL_WHERE_CELL;
    struct fl_render render;

    if (view->seq > 0 && (int32_t)(seq - view->seq) <= 0)
        return fl_fail(error, FL_ERR_RANGE,
                       "`seq` %u is not above the last one, %u; let it rise with every message.",
                       seq, view->seq);
    if (is_foreign(view, state))
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "This server compares within one map; leave `from` out or name the view's "
                       "own map.");
    return fl_resolve(state, view->map, view->scene->picture, &render, &where, error);
}

static void on_set(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_view *view = open_view(viewer, msg->set.view, &msg->set.seq);
    struct fl_error error = {0};

    if (!view)
        return;
    struct fl_state state = view->state;
    fl_state_apply(&state, &msg->set.set);
    if (check_set(view, msg->set.seq, &state, &error)) {
        fl_viewer_say_error(viewer, &error, &view->id, &msg->set.seq);
        return; // nothing of it counts
    }
    view->state = state;
    view->seq = msg->set.seq;
    view->changed_at = viewer->session->ways.now();
    view->dirty = true;
    view->stilled = false;
    fl_view_drop_strips(view);
    fl_pump_view(viewer, view);
}

// The cell that a probe is compared with: the point it names, or the view's reference.
static bool probe_reference(const struct fl_view *view, const struct fl_msg *msg, int32_t cell[2])
{
    const struct fl_map_facts *facts = fl_map_facts(view->map);

    if (msg->probe.has_from)
        return fl_map_cell(view->map, msg->probe.from[0], msg->probe.from[1], &cell[0], &cell[1]);
    cell[0] = facts->w / 2;
    cell[1] = facts->h / 2;
    if (view->state.n_refs == 0)
        return !view->state.has_region;
    return fl_map_cell(view->map, view->state.refs[0].x, view->state.refs[0].y, &cell[0], &cell[1]);
}

// The numbers at one point; p and r have room for its d values.
static void probe(const struct fl_view *view, const struct fl_msg *msg, struct fl_probe_info *info,
                  float *p, float *r)
{
    const struct fl_map_stats *stats = fl_map_stats(view->map);
    const struct fl_state *state = &view->state;
    int32_t cell[2] = {0};

    info->has_cell =
        fl_map_cell(view->map, msg->probe.at[0], msg->probe.at[1], &info->cell[0], &info->cell[1]);
    if (!info->has_cell)
        return;
    fl_map_read_vector(view->map, info->cell[0], info->cell[1], p);
    info->vector = p;
    if (probe_reference(view, msg, cell)) {
        fl_map_read_vector(view->map, cell[0], cell[1], r);
    } else { // no single reference: the norm alone has a meaning
        memset(r, 0, sizeof(float) * info->d);
    }
    struct fl_exact exact = fl_exact_compare(
        p, r, info->d, state->metric, state->origin == FL_ORIGIN_MIN ? (double)stats->min : 0);
    info->s = exact.s;
    info->cosine = exact.cosine;
    info->angle = exact.angle;
    info->norm = exact.norm;
}

static void on_probe(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_view *view = open_view(viewer, msg->probe.view, &msg->probe.seq);
    struct fl_error error = {0};

    if (!view)
        return;
    if (!view->opened) {
        fl_fail(&error, FL_ERR_ORDER, "The map is still being loaded; probe it after `opened`.");
        fl_viewer_say_error(viewer, &error, &view->id, &msg->probe.seq);
        return;
    }
    struct fl_probe_info info = {.view = view->id,
                                 .seq = msg->probe.seq,
                                 .s = (double)NAN,
                                 .cosine = (double)NAN,
                                 .angle = (double)NAN,
                                 .norm = (double)NAN,
                                 .d = (uint32_t)fl_map_facts(view->map)->d};
    float *vectors = calloc(info.d, 2 * sizeof *vectors);
    if (vectors)
        probe(view, msg, &info, vectors, vectors + info.d);
    fl_viewer_say(viewer, vectors ? fl_reply_probed(&info) : NULL);
    free(vectors);
}

static void on_ack(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    if (fl_viewer_ack(viewer, msg->ack.frame, msg->ack.us, viewer->session->ways.now()))
        fl_pump_viewer(viewer);
}

static void on_close(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    fl_jobs_forget_view(viewer->session->jobs, viewer, msg->close.view);
    fl_view_finish(&viewer->views[msg->close.view]);
}

static void on_resume(struct fl_viewer *viewer)
{
    viewer->paused = false;
    viewer->window.heard_at = viewer->session->ways.now(); // nobody was to acknowledge meanwhile
    fl_pump_viewer(viewer);
}

static void dispatch(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_error error = {0};

    switch (msg->type) {
    case FL_MSG_HELLO:
        on_hello(viewer, msg);
        break;
    case FL_MSG_OPEN:
        on_open(viewer, msg);
        break;
    case FL_MSG_SET:
        on_set(viewer, msg);
        break;
    case FL_MSG_PROBE:
        on_probe(viewer, msg);
        break;
    case FL_MSG_ACK:
        on_ack(viewer, msg);
        break;
    case FL_MSG_CLOSE:
        on_close(viewer, msg);
        break;
    case FL_MSG_PAUSE:
        viewer->paused = true;
        break;
    case FL_MSG_RESUME:
        on_resume(viewer);
        break;
    case FL_MSG_LEAD:
    case FL_MSG_FOLLOW:
    case FL_MSG_RELEASE:
    case FL_MSG_TYPES:
        fl_fail(&error, FL_ERR_UNSUPPORTED,
                "People cannot look together on this server; share the page's link instead.");
        fl_viewer_say_error(viewer, &error, NULL, NULL);
        break;
    }
}

static void refuse(struct fl_viewer *viewer, const struct fl_msg *msg, const struct fl_error *error)
{
    fl_viewer_say_error(viewer, error, msg->has_view ? &msg->close.view : NULL,
                        msg->has_seq ? &msg->probe.seq : NULL);
    if (error->code == FL_ERR_MALFORMED) {
        log_warn("viewer %u: %s", viewer->number, error->text);
        fl_viewer_hang_up(viewer, 4400, "malformed message");
    }
}

void fl_session_receive(struct fl_session *session, struct fl_viewer *viewer, const void *bytes,
                        size_t len)
{
    struct fl_error error = {0};
    struct fl_msg msg;

    if (viewer->close)
        return;
    session->counts.messages++;
    if (!fl_viewer_allows(viewer, session->ways.now())) {
        fl_fail(&error, FL_ERR_FLOOD, "Too many messages a second; send only the newest state.");
        fl_viewer_say_error(viewer, &error, NULL, NULL);
        fl_viewer_hang_up(viewer, 4429, "flood");
    } else if (fl_msg_decode(bytes, len, &msg, &error)) {
        refuse(viewer, &msg, &error);
    } else if (!viewer->greeted && msg.type != FL_MSG_HELLO) {
        fl_fail(&error, FL_ERR_ORDER, "The first message must be `hello`.");
        fl_viewer_say_error(viewer, &error, NULL, NULL);
        fl_viewer_hang_up(viewer, 4400, "hello comes first");
    } else {
        dispatch(viewer, &msg);
    }
    fl_wake(viewer);
}
