#include "from.h"
#include "inner.h"

#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

// Answers to one HTTP request each. One whose map is not loaded yet waits here.
struct fl_waiting_shot {
    struct fl_waiting_shot *next;
    struct fl_shot shot;
    struct fl_map *from; // the references', a reference of its own; or NULL
    struct fl_waiter waiter;
};

// Whether both its maps are loaded.
static bool has_maps(const struct fl_waiting_shot *waiting, enum fl_norms norms)
{
    return fl_map_loaded(waiting->shot.map, norms) &&
           (!waiting->from || fl_map_loaded(waiting->from, norms));
}

static enum fl_norms norms_of(const struct fl_session *session, const struct fl_shot *shot)
{
    const struct fl_state *to = &shot->set.to;
    enum fl_metric metric = shot->set.has & FL_SET_METRIC ? to->metric : FL_METRIC_ANGULAR;
    enum fl_origin origin = shot->set.has & FL_SET_ORIGIN ? to->origin : FL_ORIGIN_ZERO;

    return (enum fl_norms)session->ways.norms(metric, origin);
}

static enum fl_err resolve_frame(const struct fl_session *session, const struct fl_shot *shot,
                                 struct fl_resolved *out, struct fl_error *error)
{
    const struct fl_looked_at own = {shot->scene, shot->map};
    struct fl_state state = fl_state_default();

    fl_state_apply(&state, &shot->set);
    state.kind = shot->output == FL_OUT_COLOUR ? FL_KIND_COLOUR : FL_KIND_SCALAR;
    if (shot->w > 0) {
        state.size[0] = shot->w;
        state.size[1] = 0;
    }
    enum fl_err err = fl_from_resolve(session->catalogue, &state, &own, out, error);
    if (!err && out->where == FL_WHERE_OUTSIDE)
        err = fl_fail(error, FL_ERR_RANGE,
                      "The reference lies outside its map; give `ref=x,y` in picture pixels "
                      "inside its extent.");
    if (!err && shot->output == FL_OUT_VALUES)
        out->render.output = FL_OUT_VALUES;
    out->render.colorbar = !err && shot->colorbar && out->render.output == FL_OUT_COLOUR;
    return err;
}

// A parcel that needs no GPU: filled here, only encoded elsewhere.
static void ask_encoder(struct fl_session *session, const struct fl_shot *shot,
                        const struct fl_waiter *waiter, const struct fl_resolved *what,
                        uint8_t *pixels, float *vector)
{
    const struct fl_map_facts *facts = fl_map_facts(shot->map);
    struct fl_asked asked = {shot->map,           NULL,      &what->render, shot->encoding,
                             session->ways.now(), what->from};
    struct fl_frame *frame = NULL;
    struct fl_job *job = fl_jobs_start(session->jobs, &asked, &frame);

    frame->pixels = pixels;
    frame->vector = vector;
    frame->w = facts->w;
    frame->h = facts->h;
    frame->channels = 1;
    if (!pixels && !vector)
        fl_fail(&frame->error, FL_ERR_TOO_BIG, "There is no memory for this answer; try later.");
    fl_job_wait(job, waiter);
    session->ways.encode(session->ways.user, frame);
}

static void begin_mask(struct fl_session *session, const struct fl_shot *shot,
                       const struct fl_waiter *waiter)
{
    const struct fl_map_facts *facts = fl_map_facts(shot->map);
    const float *inverse = fl_map_inverse_norms(shot->map, norms_of(session, shot));
    size_t n = (size_t)facts->w * (size_t)facts->h;
    uint8_t *pixels = malloc(n);
    struct fl_resolved what;

    memset(&what, 0, sizeof what);
    what.render.output = FL_OUT_MASK;
    for (size_t i = 0; pixels && i < n; i++)
        pixels[i] = inverse[i] > 0;
    ask_encoder(session, shot, waiter, &what, pixels, NULL);
}

static void begin_vector(struct fl_session *session, const struct fl_shot *shot,
                         const struct fl_waiter *waiter, const struct fl_resolved *what)
{
    const struct fl_render *render = &what->render;
    const struct fl_map *map = what->from ? what->from : shot->map;
    float *vector = calloc((size_t)fl_map_facts(shot->map)->d, sizeof *vector);

    if (vector)
        fl_map_read_vector(map, render->refs[0].i, render->refs[0].j, vector);
    ask_encoder(session, shot, waiter, what, NULL, vector);
}

static void begin_picture(struct fl_session *session, const struct fl_shot *shot,
                          const struct fl_waiter *waiter)
{
    struct fl_asked asked = {NULL,           shot->scene->picture, NULL,
                             shot->encoding, session->ways.now(),  NULL};
    struct fl_render render;

    memset(&render, 0, sizeof render);
    render.output = FL_OUT_COLOUR;
    render.w = (int32_t)shot->w;
    asked.render = &render;
    fl_ask(session, &asked, waiter);
}

// The map, if it needs one, is loaded.
static void begin(struct fl_session *session, const struct fl_shot *shot,
                  const struct fl_waiter *waiter)
{
    struct fl_resolved what;

    if (shot->kind == FL_SHOT_PICTURE) {
        begin_picture(session, shot, waiter);
        return;
    }
    if (shot->kind == FL_SHOT_MASK) {
        begin_mask(session, shot, waiter);
        return;
    }
    // Checked when it was asked for; the map's size has not changed since.
    if (resolve_frame(session, shot, &what, NULL))
        return;
    const struct fl_render *render = &what.render;
    bool over_picture = render->output == FL_OUT_COLOUR && render->picture != FL_UNDER_NONE;
    struct fl_asked asked = {shot->map,
                             over_picture ? shot->scene->picture : NULL,
                             render,
                             shot->encoding,
                             session->ways.now(),
                             what.from};
    if (shot->kind == FL_SHOT_VECTOR)
        begin_vector(session, shot, waiter, &what);
    else
        fl_ask(session, &asked, waiter);
}

static enum fl_err check(const struct fl_session *session, const struct fl_shot *shot,
                         struct fl_map **from, struct fl_error *error)
{
    struct fl_resolved what;

    *from = NULL;
    if (shot->kind == FL_SHOT_PICTURE && !shot->scene->picture)
        return fl_fail(error, FL_ERR_NOT_FOUND, "The scene \"%s\" has no picture.",
                       shot->scene->name);
    if (shot->kind == FL_SHOT_PICTURE || shot->kind == FL_SHOT_MASK)
        return FL_OK;
    enum fl_err err = resolve_frame(session, shot, &what, error);
    *from = what.from;
    if (!err && shot->kind == FL_SHOT_VECTOR && (what.render.n_refs != 1 || what.render.has_region))
        err = fl_fail(error, FL_ERR_RANGE, "A vector belongs to one pixel; give one `ref=x,y`.");
    return err;
}

uint64_t fl_session_shoot(struct fl_session *session, const struct fl_shot *shot, fl_shot_fn done,
                          void *user, struct fl_error *error)
{
    struct fl_waiter waiter = {.done = done, .user = user};
    enum fl_norms norms = norms_of(session, shot);
    struct fl_map *from = NULL;

    if (check(session, shot, &from, error))
        return 0;
    waiter.shot = ++session->last_shot;
    bool own = !shot->map || fl_require(session, shot->map, norms);
    if ((!from || fl_require(session, from, norms)) && own) {
        begin(session, shot, &waiter);
        return waiter.shot;
    }
    struct fl_waiting_shot *waiting = fl_new(struct fl_waiting_shot);
    *waiting = (struct fl_waiting_shot){session->shots, *shot, from, waiter};
    if (from)
        fl_map_ref(from);
    session->shots = waiting;
    return waiter.shot;
}

static void free_waiting(struct fl_waiting_shot *waiting)
{
    fl_map_unref(waiting->from);
    free(waiting);
}

static void tell_failure(const struct fl_waiter *waiter, const struct fl_error *error)
{
    struct fl_frame frame = {.error = *error};
    waiter->done(waiter->user, &frame);
}

// The catalogue may have become another one while this waited.
static enum fl_err check_again(const struct fl_session *session,
                               const struct fl_waiting_shot *waiting, struct fl_error *error)
{
    struct fl_map *from = NULL;
    enum fl_err err = check(session, &waiting->shot, &from, error);

    if (from != waiting->from)
        err = fl_fail(error, FL_ERR_GONE,
                      "The map of the reference was just replaced or taken away; ask again.");
    return err;
}

void fl_shots_loaded(struct fl_session *session, struct fl_map *map, const struct fl_error *error)
{
    struct fl_waiting_shot *ready = NULL;

    for (struct fl_waiting_shot **at = &session->shots; *at;) {
        struct fl_waiting_shot *waiting = *at;
        bool concerned = waiting->shot.map == map || waiting->from == map;
        bool loaded = has_maps(waiting, norms_of(session, &waiting->shot));
        if (!concerned || (!error->code && !loaded)) {
            at = &waiting->next;
            continue;
        }
        *at = waiting->next;
        waiting->next = ready;
        ready = waiting;
    }
    while (ready) { // telling them may start or forget others
        struct fl_waiting_shot *next = ready->next;
        struct fl_error now = *error;
        if (!now.code && !check_again(session, ready, &now))
            begin(session, &ready->shot, &ready->waiter);
        else
            tell_failure(&ready->waiter, &now);
        free_waiting(ready);
        ready = next;
    }
}

void fl_session_forget(struct fl_session *session, uint64_t shot)
{
    fl_jobs_forget_shot(session->jobs, shot);
    for (struct fl_waiting_shot **at = &session->shots; *at; at = &(*at)->next)
        if ((*at)->waiter.shot == shot) {
            struct fl_waiting_shot *waiting = *at;
            *at = waiting->next;
            free_waiting(waiting);
            return;
        }
}

void fl_shots_end(struct fl_session *session)
{
    while (session->shots)
        fl_session_forget(session, session->shots->waiter.shot);
}
