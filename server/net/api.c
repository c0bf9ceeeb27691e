#include "api.h"

#include "assets.h"
#include "metrics.h"
#include "scenes.h"

#include "proto/buf.h"
#include "server/base/mem.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char type_json[] = "application/json";

void fl_api_init(struct fl_api *api)
{
    api->assets = fl_calloc(fl_n_assets + 1, sizeof(struct fl_buf *));
    for (size_t i = 0; i < fl_n_assets; i++) {
        api->assets[i] = fl_buf_create(fl_assets[i].len);
        if (!api->assets[i])
            continue;
        memcpy(fl_buf_bytes(api->assets[i]), fl_assets[i].bytes, fl_assets[i].len);
        fl_buf_set_len(api->assets[i], fl_assets[i].len);
    }
}

void fl_api_finish(struct fl_api *api)
{
    for (size_t i = 0; api->assets && i < fl_n_assets; i++)
        fl_buf_unref(api->assets[i]);
    free(api->assets);
    *api = (struct fl_api){0};
}

static void answer_text(struct fl_answer *out, const struct fl_call *call, const char *type,
                        char *text) // takes the text
{
    struct fl_body body = {.type = type, .front = text, .n_front = text ? strlen(text) : 0};

    *out = (struct fl_answer){0};
    if (text)
        fl_answer_body(out, &call->asker, &body);
    free(text);
}

static void answer_json(struct fl_answer *out, const struct fl_call *call, json_t *root)
{
    answer_text(out, call, type_json, root ? json_dumps(root, JSON_COMPACT) : NULL);
    json_decref(root);
}

static void answer_asset(const struct fl_api *api, const struct fl_call *call,
                         struct fl_answer *out)
{
    for (size_t i = 0; i < fl_n_assets; i++) {
        const struct fl_asset *asset = &fl_assets[i];
        if (strcmp(asset->path, call->route.name) != 0 || !api->assets[i])
            continue;
        // Names under assets/ hold a hash of the content; the others may change with the server.
        bool hashed = strncmp(asset->path, "assets/", 7) == 0;
        struct fl_body body = {
            .type = asset->type,
            .cache = hashed ? "public, max-age=31536000, immutable" : NULL,
            .tagged = true,
            .rest = api->assets[i],
        };
        fl_answer_body(out, &call->asker, &body);
        return;
    }
    struct fl_error error;
    fl_fail(&error, FL_ERR_NOT_FOUND,
            "There is no file of this name; the page is at ./ and the scenes are listed at "
            "api/v1/scenes.");
    fl_answer_error(out, &call->asker, &error);
}

static void answer_metrics(const struct fl_api *api, const struct fl_call *call,
                           struct fl_answer *out)
{
    struct fl_session_counts counts = fl_session_counts(api->session);
    struct fl_metrics_build build = {api->version, api->gpu, api->software};
    struct fl_keeper_counts stored = {0};

    if (api->keeper)
        stored = fl_keeper_counts(api->keeper);
    answer_text(out, call, "text/plain; version=0.0.4; charset=utf-8",
                fl_metrics_text(&build, &counts, &stored));
}

static const struct fl_scene *find_scene(const struct fl_api *api, const struct fl_call *call,
                                         struct fl_error *error)
{
    const struct fl_scene *scene =
        fl_catalogue_find(fl_session_catalogue(api->session), call->route.scene);
    if (!scene)
        fl_fail(error, FL_ERR_NOT_FOUND,
                "There is no scene \"%.200s\"; api/v1/scenes lists those there are.",
                call->route.scene);
    return scene;
}

static struct fl_map *find_map(const struct fl_scene *scene, const struct fl_call *call,
                               struct fl_error *error)
{
    for (size_t i = 0; i < scene->n_maps; i++)
        if (strcmp(fl_map_facts(scene->maps[i])->name, call->route.layer) == 0)
            return scene->maps[i];
    fl_fail(error, FL_ERR_NOT_FOUND,
            "The scene \"%.150s\" has no layer \"%.150s\"; api/v1/scenes lists those there are.",
            scene->name, call->route.layer);
    return NULL;
}

// The query's `w`: pixels wide, 0 where it says nothing.
static enum fl_err read_width(const struct fl_call *call, uint32_t *out, struct fl_error *error)
{
    char text[4096] = ""; // a query is no longer

    *out = 0;
    if (!fl_query_get(call->query, call->n_query, "w", text, sizeof text))
        return FL_OK;
    char *end = text;
    unsigned long w = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (*end != '\0' || w < 1 || w > FL_MAX_PICTURE)
        return fl_fail(error, FL_ERR_RANGE, "`w` is a width in pixels, from 1 to %d.",
                       FL_MAX_PICTURE);
    *out = (uint32_t)w;
    return FL_OK;
}

// A key that is 1 or 0; absent, it is 0.
static enum fl_err read_flag(const struct fl_call *call, const char *key, bool *out,
                             struct fl_error *error)
{
    char text[8] = "";
    bool given = fl_query_get(call->query, call->n_query, key, text, sizeof text);

    *out = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    if (!given || *out || text[0] == '\0' || strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "`%s` is 1 or 0.", key);
}

// What a route takes besides the fields of `set`.
static enum fl_err read_extras(struct fl_call *call, struct fl_error *error)
{
    struct fl_shot *shot = &call->shot;
    enum fl_err err = read_width(call, &shot->w, error);

    if (!err)
        err = read_flag(call, "download", &call->download, error);
    if (!err && call->route.kind == FL_ROUTE_FRAME)
        err = read_flag(call, "colorbar", &shot->colorbar, error);
    call->w = shot->w;
    const struct fl_picture *picture = shot->scene->picture;
    call->picture[0] = picture ? fl_picture_w(picture) : 0;
    call->picture[1] = picture ? fl_picture_h(picture) : 0;
    if (call->route.kind == FL_ROUTE_FRAME && call->route.format == FL_FORMAT_JSON)
        shot->w = 1; // its numbers are those of the whole map, whatever is made of it
    return err;
}

static enum fl_err fill_shot(const struct fl_api *api, struct fl_call *call, struct fl_error *error)
{
    struct fl_shot *shot = &call->shot;
    const struct fl_route *route = &call->route;

    *shot = (struct fl_shot){.encoding = {.enc = FL_ENC_PNG, .quality = 90}};
    shot->scene = find_scene(api, call, error);
    if (!shot->scene)
        return FL_ERR_NOT_FOUND;
    enum fl_err err = read_extras(call, error);
    if (err)
        return err;
    if (route->kind == FL_ROUTE_PICTURE) {
        shot->kind = FL_SHOT_PICTURE;
        shot->encoding.enc = FL_ENC_JPEG;
        return FL_OK;
    }
    shot->map = find_map(shot->scene, call, error);
    if (!shot->map)
        return FL_ERR_NOT_FOUND;
    shot->kind = route->kind == FL_ROUTE_MASK     ? FL_SHOT_MASK
                 : route->kind == FL_ROUTE_VECTOR ? FL_SHOT_VECTOR
                                                  : FL_SHOT_FRAME;
    shot->output = route->kind == FL_ROUTE_MASK ? FL_OUT_MASK : FL_OUT_COLOUR;
    if (route->kind != FL_ROUTE_MASK && route->format != FL_FORMAT_JPG &&
        route->format != FL_FORMAT_PNG) {
        shot->output = FL_OUT_VALUES;
        shot->encoding.enc = FL_ENC_RAW;
    }
    if (route->format == FL_FORMAT_JPG)
        shot->encoding.enc = FL_ENC_JPEG;
    err = fl_set_parse_query(call->query, call->n_query, &shot->set, error);
    shot->set.has &= ~(uint32_t)(FL_SET_KIND | FL_SET_VECTOR); // the route says these
    return err;
}

void fl_call_finish(struct fl_call *call)
{
    fl_scene_unref(call->shot.scene);
    fl_map_unref(call->shot.map);
    call->shot = (struct fl_shot){0};
}

// Whether the address holds the present `rev`: what it answers never changes then.
static bool names_rev(const struct fl_call *call)
{
    char text[32] = "", rev[16];
    const struct fl_shot *shot = &call->shot;

    snprintf(rev, sizeof rev, "%u", shot->map ? fl_map_facts(shot->map)->rev : shot->scene->rev);
    // A frame depends on the map and on the picture under it: no one number tells both.
    return shot->kind != FL_SHOT_FRAME &&
           fl_query_get(call->query, call->n_query, "rev", text, sizeof text) &&
           strcmp(text, rev) == 0;
}

static void answer_redirect_or_socket(const struct fl_call *call, struct fl_answer *out)
{
    struct fl_error error;

    if (call->route.kind == FL_ROUTE_REDIRECT) {
        fl_answer_redirect(out, &call->asker, call->route.name);
        return;
    }
    fl_fail(&error, FL_ERR_RANGE,
            "This is the WebSocket; open it as one, with the subprotocol farlook.v1.");
    fl_answer_error(out, &call->asker, &error);
}

bool fl_api_ask(const struct fl_api *api, struct fl_call *call, struct fl_answer *out)
{
    struct fl_error error;

    switch (call->route.kind) {
    case FL_ROUTE_ASSET:
        answer_asset(api, call, out);
        return false;
    case FL_ROUTE_REDIRECT:
    case FL_ROUTE_SOCKET:
        answer_redirect_or_socket(call, out);
        return false;
    case FL_ROUTE_HEALTH:
        answer_json(out, call, json_pack("{s:s,s:s}", "status", "ok", "version", api->version));
        return false;
    case FL_ROUTE_READY: // a server that listens has passed the GPU's self-test
        answer_json(out, call,
                    json_pack("{s:s,s:s,s:b}", "status", "ready", "gpu", api->gpu, "software",
                              api->software));
        return false;
    case FL_ROUTE_METRICS:
        answer_metrics(api, call, out);
        return false;
    case FL_ROUTE_SCENES:
        answer_text(
            out, call, type_json,
            fl_scenes_json(fl_session_catalogue(api->session), fl_session_upload(api->session)));
        return false;
    case FL_ROUTE_PICTURE:
    case FL_ROUTE_FRAME:
    case FL_ROUTE_VECTOR:
    case FL_ROUTE_MASK:
        break;
    case FL_ROUTE_MAP: // put.c
    case FL_ROUTE_SCENE:
        return false;
    }
    if (fill_shot(api, call, &error) == FL_OK) {
        call->shot.scene = fl_scene_ref(call->shot.scene);
        call->shot.map = call->shot.map ? fl_map_ref(call->shot.map) : NULL;
        call->known_rev = names_rev(call);
        return true;
    }
    call->shot = (struct fl_shot){0};
    fl_answer_error(out, &call->asker, &error);
    return false;
}
