#define LOG_MODULE "keeper"
#include "keeper.h"

#include "collection.h"
#include "text.h"

#include "proto/buf.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/thread.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK = 900000,    // microseconds from one look's end to the next
    CALM = 10,        // looks take at most one part in so many of the thread's time
    SWEEP = 60000000, // microseconds between looks for what was broken off
    REQUESTS = 64,    // with a piece that is coming
};

enum verb { PUT, WRITE, END, BREAK, DELETE };

struct order {
    enum verb verb;
    uint64_t request;
    struct fl_put *put;   // owned; of PUT and DELETE
    struct fl_buf *bytes; // owned; of WRITE
};

struct coming {       // one request's piece
    uint64_t request; // 0: free
    struct fl_upload *upload;
};

struct fl_keeper {
    struct fl_keeper_ways ways;
    struct fl_catalogue_options reading;
    bool watch;
    struct fl_mailbox *inbox;
    struct fl_thread *thread; // what follows is its own, once it runs
    struct fl_collection *collection;
    struct fl_shelf *shelf;     // NULL: uploads are off
    struct fl_uploads *uploads; // likewise
    struct coming coming[REQUESTS];
    uint64_t next_look, next_sweep;
    _Atomic(bool) stop;
    _Atomic(uint64_t) room; // any thread reads it
    _Atomic(uint64_t) stored, deleted, failed, bytes;
};

void fl_told_destroy(struct fl_told *told)
{
    if (!told)
        return;
    for (size_t i = 0; i < told->n_maps; i++)
        fl_map_unref(told->maps[i]);
    free(told->maps);
    fl_scene_unref(told->scene);
    free(told);
}

static void publish_room(struct fl_keeper *keeper)
{
    if (!keeper->shelf)
        return;
    uint64_t quota = fl_shelf_quota(keeper->shelf);
    uint64_t used = fl_shelf_used(keeper->shelf) + fl_uploads_reserved(keeper->uploads);
    atomic_store(&keeper->room, used < quota ? quota - used : 0);
}

static void show(struct fl_keeper *keeper)
{
    keeper->ways.changed(keeper->ways.user, fl_collection_show(keeper->collection));
}

// --- requests ---

static void tell(struct fl_keeper *keeper, uint64_t request, enum fl_told_kind kind, uint64_t bytes)
{
    struct fl_told *told = fl_new(struct fl_told);

    *told = (struct fl_told){.request = request, .kind = kind, .bytes = bytes};
    keeper->ways.told(keeper->ways.user, told);
}

static void tell_failure(struct fl_keeper *keeper, uint64_t request, const struct fl_error *error)
{
    struct fl_told *told = fl_new(struct fl_told);

    atomic_fetch_add(&keeper->failed, 1);
    *told = (struct fl_told){.request = request, .kind = FL_TOLD_FAILED, .error = *error};
    log_warn("an upload failed: %s", error->text);
    keeper->ways.told(keeper->ways.user, told);
}

static struct coming *find(struct fl_keeper *keeper, uint64_t request)
{
    for (size_t i = 0; i < REQUESTS; i++)
        if (keeper->coming[i].request == request)
            return &keeper->coming[i];
    return NULL;
}

// Scenes that the server was given as files are not for others to change.
static enum fl_err check_owner(const struct fl_keeper *keeper, const struct fl_put *put,
                               bool *is_there, struct fl_error *error)
{
    char *path = fl_shelf_scene_path(keeper->shelf, put->scene);
    const struct fl_scene *own = fl_collection_find(keeper->collection, path);
    const struct fl_scene *shown = fl_collection_find_name(keeper->collection, put->scene);
    enum fl_err err = FL_OK;

    *is_there = own != NULL;
    if (shown && shown != own)
        err = fl_fail(error, FL_ERR_FORBIDDEN,
                      "The scene \"%.200s\" was not uploaded and cannot be changed from here; "
                      "choose another name.",
                      put->scene);
    free(path);
    return err;
}

static void begin_piece(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    struct coming *coming = find(keeper, 0);
    struct fl_error error = {0};
    bool is_there = false;
    uint64_t due = 0;
    enum fl_err err = check_owner(keeper, put, &is_there, &error);

    if (!err && !coming)
        err = fl_fail(&error, FL_ERR_FLOOD, "Too many uploads are under way; try again soon.");
    if (!err)
        err = fl_uploads_begin(keeper->uploads, &put->named, put->id, &put->piece, &coming->upload,
                               &due, &error);
    if (!err) {
        coming->request = request;
        tell(keeper, request, FL_TOLD_GO, 0);
    } else if (err == FL_ERR_ORDER) {
        tell(keeper, request, FL_TOLD_DUE, due);
    } else {
        tell_failure(keeper, request, &error);
    }
}

static void write_bytes(struct fl_keeper *keeper, uint64_t request, struct fl_buf *bytes)
{
    struct coming *coming = find(keeper, request);
    struct fl_error error = {0};

    if (!coming) // it failed; what was on its way is let go
        return;
    atomic_fetch_add(&keeper->bytes, fl_buf_len(bytes));
    if (!fl_upload_write(coming->upload, fl_buf_bytes(bytes), fl_buf_len(bytes), &error)) {
        tell(keeper, request, FL_TOLD_WRITTEN, fl_buf_len(bytes));
        return;
    }
    coming->request = 0;
    tell_failure(keeper, request, &error);
}

// What is shown now under the names that were stored.
static void tell_stored(struct fl_keeper *keeper, uint64_t request, const char *path,
                        const struct fl_stored *stored)
{
    const struct fl_scene *scene = fl_collection_find(keeper->collection, path);
    struct fl_told *told = fl_new(struct fl_told);
    struct fl_error error = {0};

    *told =
        (struct fl_told){.request = request, .kind = FL_TOLD_STORED, .created = stored->created};
    told->maps = fl_calloc(stored->n + 1, sizeof *told->maps);
    for (size_t i = 0; scene && i < stored->n; i++) {
        struct fl_map *map = fl_scene_find_map(scene, stored->layers[i]);
        if (map)
            told->maps[told->n_maps++] = fl_map_ref(map);
    }
    if (scene && told->n_maps == stored->n) {
        told->scene = fl_scene_ref(scene);
        keeper->ways.told(keeper->ways.user, told);
        return;
    }
    fl_told_destroy(told);
    fl_fail(&error, FL_ERR_GONE, "The scene changed while this was stored; look at api/v1/scenes.");
    tell_failure(keeper, request, &error);
}

static void end_piece(struct fl_keeper *keeper, uint64_t request)
{
    struct coming *coming = find(keeper, request);
    struct fl_error error = {0};
    uint64_t received = 0;
    bool done = false;

    if (!coming)
        return;
    char *path = fl_shelf_scene_path(keeper->shelf, fl_upload_scene(coming->upload));
    bool again = fl_upload_is_done(coming->upload);
    coming->request = 0;
    if (fl_upload_end(coming->upload, &keeper->reading, &received, &done, &error)) {
        tell_failure(keeper, request, &error);
    } else if (!done) {
        tell(keeper, request, FL_TOLD_PIECE, received);
    } else {
        atomic_fetch_add(&keeper->stored, again ? 0 : 1);
        if (fl_collection_look_at(keeper->collection, path))
            show(keeper);
        tell_stored(keeper, request, path, fl_upload_stored(coming->upload));
    }
    free(path);
}

static void break_piece(struct fl_keeper *keeper, uint64_t request)
{
    struct coming *coming = find(keeper, request);

    if (!coming)
        return;
    atomic_fetch_add(&keeper->failed, 1);
    fl_upload_break(coming->upload);
    coming->request = 0;
}

static void delete_named(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    char *path = fl_shelf_scene_path(keeper->shelf, put->scene);
    struct fl_error error = {0};
    bool is_there = false;
    enum fl_err err = fl_shelf_check(keeper->shelf, &put->named, &error);

    if (!err)
        err = check_owner(keeper, put, &is_there, &error);
    if (!err)
        err = fl_shelf_remove(keeper->shelf, &put->named, &error);
    if (!err) {
        atomic_fetch_add(&keeper->deleted, 1);
        fl_shelf_measure(keeper->shelf);
        if (fl_collection_look_at(keeper->collection, path))
            show(keeper);
        tell(keeper, request, FL_TOLD_DELETED, 0);
    } else {
        tell_failure(keeper, request, &error);
    }
    free(path);
}

static void carry_out(struct fl_keeper *keeper, struct order *order)
{
    switch (order->verb) {
    case PUT:
        begin_piece(keeper, order->request, order->put);
        break;
    case WRITE:
        write_bytes(keeper, order->request, order->bytes);
        break;
    case END:
        end_piece(keeper, order->request);
        break;
    case BREAK:
        break_piece(keeper, order->request);
        break;
    case DELETE:
        delete_named(keeper, order->request, order->put);
        break;
    }
    publish_room(keeper);
    free(order->put);
    fl_buf_unref(order->bytes);
    free(order);
}

// --- the thread ---

static void look(struct fl_keeper *keeper)
{
    uint64_t begun = fl_now_us();

    if (keeper->watch && fl_collection_look(keeper->collection))
        show(keeper);
    if (keeper->shelf) {
        fl_shelf_measure(keeper->shelf);
        publish_room(keeper);
    }
    if (keeper->shelf && begun >= keeper->next_sweep) {
        fl_uploads_sweep(keeper->uploads);
        fl_shelf_sweep(keeper->shelf);
        keeper->next_sweep = begun + SWEEP;
    }
    uint64_t end = fl_now_us(), pause = (end - begun) * CALM;
    keeper->next_look = end + (pause > LOOK ? pause : LOOK);
}

static void run(void *user)
{
    struct fl_keeper *keeper = user;

    while (!atomic_load(&keeper->stop)) {
        uint64_t now = fl_now_us();
        uint64_t wait = keeper->next_look > now ? keeper->next_look - now : 0;
        struct order *order = wait > 0 ? fl_mailbox_take_within(keeper->inbox, wait) : NULL;
        if (order)
            carry_out(keeper, order);
        else if (!atomic_load(&keeper->stop))
            look(keeper);
    }
}

enum fl_err fl_keeper_open(const struct fl_keeper_options *options, struct fl_keeper **out,
                           struct fl_catalogue **first, struct fl_error *error)
{
    struct fl_keeper *keeper = fl_new(struct fl_keeper);
    enum fl_err err = FL_OK;

    keeper->reading = options->reading;
    keeper->watch = options->watch;
    keeper->inbox = fl_mailbox_create();
    struct fl_catalogue_options reading = options->reading;
    reading.no_demo = options->upload_dir != NULL;
    if (options->upload_dir)
        err = fl_shelf_open(options->upload_dir, options->quota, &keeper->shelf, error);
    if (!err)
        err = fl_collection_open(options->paths, options->n_paths, &reading, &keeper->collection,
                                 error);
    if (!err && keeper->shelf) {
        keeper->uploads = fl_uploads_create(keeper->shelf);
        fl_collection_add_uploads(keeper->collection, fl_shelf_path(keeper->shelf));
    }
    *first = err ? NULL : fl_collection_show(keeper->collection);
    if (!err && fl_catalogue_count(*first) == 0 && !keeper->shelf)
        err = fl_collection_say_empty(keeper->collection, error);
    if (!err) {
        fl_collection_say_all(keeper->collection);
        publish_room(keeper);
        *out = keeper;
        return FL_OK;
    }
    fl_catalogue_close(*first);
    fl_keeper_destroy(keeper);
    *first = NULL;
    *out = NULL;
    return err;
}

void fl_keeper_start(struct fl_keeper *keeper, const struct fl_keeper_ways *ways)
{
    keeper->ways = *ways;
    keeper->next_look = fl_now_us() + LOOK;
    keeper->next_sweep = fl_now_us() + SWEEP;
    keeper->thread = fl_thread_start("keeper", run, keeper);
}

void fl_keeper_stop(struct fl_keeper *keeper)
{
    if (!keeper)
        return;
    atomic_store(&keeper->stop, true);
    fl_mailbox_close(keeper->inbox);
    fl_thread_join(keeper->thread);
    keeper->thread = NULL;
}

void fl_keeper_destroy(struct fl_keeper *keeper)
{
    struct order *order = NULL;

    if (!keeper)
        return;
    fl_keeper_stop(keeper);
    while ((order = fl_mailbox_poll(keeper->inbox))) {
        free(order->put);
        fl_buf_unref(order->bytes);
        free(order);
    }
    fl_mailbox_destroy(keeper->inbox);
    fl_uploads_destroy(keeper->uploads);
    fl_shelf_close(keeper->shelf);
    fl_collection_close(keeper->collection);
    free(keeper);
}

// --- any thread ---

uint64_t fl_keeper_room(const struct fl_keeper *keeper)
{
    return atomic_load(&keeper->room);
}

bool fl_keeper_takes_uploads(const struct fl_keeper *keeper)
{
    return keeper->shelf != NULL; // never changes
}

struct fl_keeper_counts fl_keeper_counts(const struct fl_keeper *keeper)
{
    return (struct fl_keeper_counts){atomic_load(&keeper->stored), atomic_load(&keeper->deleted),
                                     atomic_load(&keeper->failed), atomic_load(&keeper->bytes)};
}

static void send(struct fl_keeper *keeper, struct order order)
{
    struct order *copy = fl_new(struct order);

    *copy = order;
    fl_mailbox_put(keeper->inbox, copy);
}

static struct fl_put *copy_put(const struct fl_put *put)
{
    struct fl_put *copy = fl_new(struct fl_put);

    *copy = *put;
    copy->named.scene = copy->scene;
    copy->named.layer = put->named.thing == FL_THING_MAP ? copy->layer : NULL;
    return copy;
}

void fl_keeper_put(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    send(keeper, (struct order){PUT, request, copy_put(put), NULL});
}

void fl_keeper_write(struct fl_keeper *keeper, uint64_t request, struct fl_buf *bytes)
{
    send(keeper, (struct order){WRITE, request, NULL, bytes});
}

void fl_keeper_end(struct fl_keeper *keeper, uint64_t request)
{
    send(keeper, (struct order){END, request, NULL, NULL});
}

void fl_keeper_break(struct fl_keeper *keeper, uint64_t request)
{
    send(keeper, (struct order){BREAK, request, NULL, NULL});
}

void fl_keeper_delete(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    send(keeper, (struct order){DELETE, request, copy_put(put), NULL});
}
