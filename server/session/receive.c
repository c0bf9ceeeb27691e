#define LOG_MODULE "session"
#include "from.h"
#include "inner.h"
#include "probe.h"

#include "proto/msg.h"
#include "proto/reply.h"
#include "server/base/log.h"

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
    if (viewer->n_views <= id)
        viewer->n_views = id + 1;
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

static enum fl_err check_set(const struct fl_viewer *viewer, const struct fl_view *view,
                             uint32_t seq, const struct fl_state *state, struct fl_error *error)
{
    const struct fl_looked_at own = {view->scene, view->map};
    struct fl_resolved what;

    if (view->seq > 0 && (int32_t)(seq - view->seq) <= 0)
        return fl_fail(error, FL_ERR_RANGE,
                       "`seq` %u is not above the last one, %u; let it rise with every message.",
                       seq, view->seq);
    return fl_from_resolve(viewer->session->catalogue, state, &own, &what, error);
}

static void on_set(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_view *view = open_view(viewer, msg->set.view, &msg->set.seq);
    struct fl_error error = {0};

    if (!view)
        return;
    struct fl_state state = view->state;
    fl_state_apply(&state, &msg->set.set);
    if (check_set(viewer, view, msg->set.seq, &state, &error)) {
        fl_viewer_say_error(viewer, &error, &view->id, &msg->set.seq);
        return; // nothing of it counts
    }
    view->state = state;
    view->seq = msg->set.seq;
    view->before_at = view->changed_at;
    view->changed_at = viewer->session->ways.now();
    view->dirty = true;
    view->still = view->stilled = false;
    fl_view_drop_strips(view);
    fl_pump_view(viewer, view);
}

static void on_probe(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    struct fl_view *view = open_view(viewer, msg->probe.view, &msg->probe.seq);

    if (view)
        fl_probe(viewer, view, msg);
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
    if (fl_has_more(viewer)) // most messages have no answer of their own
        fl_wake(viewer);
}
