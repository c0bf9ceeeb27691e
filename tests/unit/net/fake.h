#pragma once

// A session, a catalogue and their data that exist only in the tests of net: the linker takes these
// before it looks into the libraries. Included once per program. What tests look at is in `fake`;
// the network thread writes it, tests read it once fl_net_run has returned, or what is atomic.

#include "proto/buf.h"
#include "server/data/keeper.h"
#include "server/net/assets.h"
#include "server/net/net.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct fl_session {
    int unused;
};

struct fl_map {
    struct fl_map_facts facts;
    struct fl_map_stats stats;
};

struct fl_viewer {
    void *socket;
    struct fl_viewer *next;
    uint8_t *last; // the newest message, echoed
    size_t n_last;
    size_t image; // bytes of image to send behind it
    int times;    // that it is still sent
    uint16_t close;
};

struct fake_shot {
    uint64_t id;
    struct fl_shot shot;
    fl_shot_fn done;
    void *user;
};

static struct {
    struct fl_map map;
    struct fl_map *maps[1];
    struct fl_scene scene;
    atomic_uint joined, left, ticks, received, forgotten;
    atomic_size_t biggest;
    struct fake_shot shots[256];
    unsigned n_shots;
    uint64_t last_shot;
    size_t limit;
    struct fl_viewer *viewers;
} fake = {.limit = 65536};

struct fl_session fake_session;

static void fake_begin(void)
{
    fake.map.facts = (struct fl_map_facts){.name = "conv 1 é",
                                           .w = 3,
                                           .h = 2,
                                           .d = 4,
                                           .extent = {0, 0, 30, 20},
                                           .dtype = "f4",
                                           .bytes = 96};
    fake.map.stats = (struct fl_map_stats){.min = -1.5f, .max = 2, .invalid = 1};
    fake.maps[0] = &fake.map;
    fake.scene = (struct fl_scene){.name = "a scene", .maps = fake.maps, .n_maps = 1, .rev = 1};
}

// --- the data ---

size_t fl_catalogue_count(const struct fl_catalogue *catalogue)
{
    (void)catalogue;
    return 1;
}

const struct fl_scene *fl_catalogue_scene(const struct fl_catalogue *catalogue, size_t at)
{
    (void)catalogue;
    (void)at;
    return &fake.scene;
}

const struct fl_scene *fl_catalogue_find(const struct fl_catalogue *catalogue, const char *scene)
{
    (void)catalogue;
    return strcmp(scene, fake.scene.name) == 0 ? &fake.scene : NULL;
}

const struct fl_scene *fl_scene_ref(const struct fl_scene *scene)
{
    return scene;
}

void fl_scene_unref(const struct fl_scene *scene)
{
    (void)scene;
}

struct fl_map *fl_map_ref(struct fl_map *map)
{
    return map;
}

void fl_map_unref(struct fl_map *map)
{
    (void)map;
}

const struct fl_map_facts *fl_map_facts(const struct fl_map *map)
{
    return &map->facts;
}

bool fl_map_loaded(const struct fl_map *map, enum fl_norms norms)
{
    (void)map;
    (void)norms;
    return true;
}

const struct fl_map_stats *fl_map_stats(const struct fl_map *map)
{
    return &map->stats;
}

int32_t fl_picture_w(const struct fl_picture *picture)
{
    (void)picture;
    return 0;
}

int32_t fl_picture_h(const struct fl_picture *picture)
{
    (void)picture;
    return 0;
}

// --- the keeper: there is none ---

bool fl_keeper_takes_uploads(const struct fl_keeper *keeper)
{
    (void)keeper;
    return false;
}

struct fl_keeper_counts fl_keeper_counts(const struct fl_keeper *keeper)
{
    (void)keeper;
    return (struct fl_keeper_counts){0};
}

void fl_keeper_put(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    (void)keeper;
    (void)request;
    (void)put;
}

void fl_keeper_write(struct fl_keeper *keeper, uint64_t request, struct fl_buf *bytes)
{
    (void)keeper;
    (void)request;
    fl_buf_unref(bytes);
}

void fl_keeper_end(struct fl_keeper *keeper, uint64_t request)
{
    (void)keeper;
    (void)request;
}

void fl_keeper_break(struct fl_keeper *keeper, uint64_t request)
{
    (void)keeper;
    (void)request;
}

void fl_keeper_delete(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    (void)keeper;
    (void)request;
    (void)put;
}

void fl_told_destroy(struct fl_told *told)
{
    free(told);
}

// --- the session: it echoes ---

uint64_t fl_session_upload(const struct fl_session *session)
{
    (void)session;
    return 0;
}

const struct fl_catalogue *fl_session_catalogue(const struct fl_session *session)
{
    (void)session;
    return NULL;
}

struct fl_viewer *fl_session_join(struct fl_session *session, void *socket, const char *path)
{
    struct fl_viewer *viewer = calloc(1, sizeof *viewer);

    (void)session;
    (void)path;
    if (!viewer)
        return NULL;
    viewer->socket = socket;
    atomic_fetch_add(&fake.joined, 1);
    return viewer;
}

void fl_session_leave(struct fl_session *session, struct fl_viewer *viewer)
{
    (void)session;
    atomic_fetch_add(&fake.left, 1);
    free(viewer->last);
    free(viewer);
}

size_t fl_viewer_limit(const struct fl_viewer *viewer)
{
    (void)viewer;
    return fake.limit;
}

// The first byte says what is answered: 'c' a close with 4400, 'i' the message and an image of as
// many KiB as the second byte says, 'I' likewise in steps of 64 KiB; else the message.
void fl_session_receive(struct fl_session *session, struct fl_viewer *viewer, const void *bytes,
                        size_t len)
{
    const uint8_t *text = bytes;

    (void)session;
    atomic_fetch_add(&fake.received, 1);
    if (len > atomic_load(&fake.biggest))
        atomic_store(&fake.biggest, len);
    free(viewer->last);
    viewer->last = malloc(len + 1);
    if (!viewer->last)
        abort();
    if (len > 0)
        memcpy(viewer->last, bytes, len);
    viewer->n_last = len;
    viewer->close = len > 0 && text[0] == 'c' ? 4400 : 0;
    viewer->image = len > 1 && text[0] == 'i' ? (size_t)text[1] * 1024 : 0;
    if (len > 1 && text[0] == 'I')
        viewer->image = (size_t)text[1] * 65536;
    viewer->times = len == 3 ? text[2] : 1;
    fl_net_wake(viewer->socket);
}

bool fl_session_next(struct fl_viewer *viewer, struct fl_out *out)
{
    *out = (struct fl_out){.close = viewer->close, .reason = "You asked for it."};
    if (viewer->close)
        return true;
    if (!viewer->last)
        return false;
    out->head = fl_buf_create(viewer->n_last);
    out->image = viewer->image ? fl_buf_create(viewer->image) : NULL;
    if (!out->head || (viewer->image && !out->image))
        abort();
    memcpy(fl_buf_bytes(out->head), viewer->last, viewer->n_last);
    fl_buf_set_len(out->head, viewer->n_last);
    if (out->image) {
        memset(fl_buf_bytes(out->image), 0x5a, viewer->image);
        fl_buf_set_len(out->image, viewer->image);
    }
    out->more = --viewer->times > 0;
    if (out->more)
        return true;
    free(viewer->last);
    viewer->last = NULL;
    return true;
}

void fl_session_tick(struct fl_session *session)
{
    (void)session;
    atomic_fetch_add(&fake.ticks, 1);
}

struct fl_session_counts fl_session_counts(const struct fl_session *session)
{
    (void)session;
    return (struct fl_session_counts){.viewers = 7};
}

uint64_t fl_session_shoot(struct fl_session *session, const struct fl_shot *shot, fl_shot_fn done,
                          void *user, struct fl_error *error)
{
    (void)session;
    if (shot->w == 13) {
        fl_fail(error, FL_ERR_TOO_BIG, "Thirteen is too many.");
        return 0;
    }
    fake.shots[fake.n_shots++] = (struct fake_shot){++fake.last_shot, *shot, done, user};
    return fake.last_shot;
}

void fl_session_forget(struct fl_session *session, uint64_t shot)
{
    (void)session;
    for (unsigned i = 0; i < fake.n_shots; i++)
        if (fake.shots[i].id == shot) {
            fake.shots[i] = fake.shots[--fake.n_shots];
            atomic_fetch_add(&fake.forgotten, 1);
            return;
        }
}

// Network thread (through fl_net_call): answers every shot with an image of `size` bytes.
static inline void fake_develop(void *user, void *size)
{
    (void)user;
    while (fake.n_shots > 0) {
        struct fake_shot shot = fake.shots[--fake.n_shots];
        size_t len = *(size_t *)size;
        struct fl_frame frame = {.map = shot.shot.map, .enc = shot.shot.encoding.enc};
        float vector[4] = {1, -2.5f, 0.1f, 4};
        frame.render.w = 3;
        frame.render.h = 2;
        frame.render.refs[0] = (struct fl_cell){2, 1, 1};
        frame.render.n_refs = 1;
        frame.vector = vector;
        frame.image = len ? fl_buf_create(len) : NULL;
        if (frame.image) {
            memset(fl_buf_bytes(frame.image), 0xa5, len);
            fl_buf_set_len(frame.image, len);
        }
        shot.done(shot.user, &frame);
        fl_buf_unref(frame.image);
    }
}
