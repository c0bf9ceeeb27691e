#define LOG_MODULE "keeper"
#include "keeper_inner.h"

#include "proto/buf.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK = 900000,    // microseconds from one look's end to the next
    CALM = 10,        // looks take at most one part in so many of the thread's time
    SWEEP = 60000000, // microseconds between looks for what was broken off
};

void fl_keeper_publish_room(struct fl_keeper *keeper)
{
    if (!keeper->shelf)
        return;
    uint64_t quota = fl_shelf_quota(keeper->shelf);
    uint64_t used = fl_shelf_used(keeper->shelf) + fl_uploads_reserved(keeper->uploads);
    atomic_store(&keeper->room, used < quota ? quota - used : 0);
}

void fl_keeper_show(struct fl_keeper *keeper)
{
    keeper->ways.changed(keeper->ways.user, fl_collection_show(keeper->collection));
}

// --- the thread ---

static void look(struct fl_keeper *keeper)
{
    uint64_t begun = fl_now_us();

    if (keeper->watch && fl_collection_look(keeper->collection))
        fl_keeper_show(keeper);
    if (keeper->shelf) {
        fl_shelf_measure(keeper->shelf);
        fl_keeper_publish_room(keeper);
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
        struct fl_errand *errand = wait > 0 ? fl_mailbox_take_within(keeper->inbox, wait) : NULL;
        if (errand)
            fl_keeper_carry_out(keeper, errand);
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
        fl_keeper_publish_room(keeper);
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
    struct fl_errand *errand = NULL;

    if (!keeper)
        return;
    fl_keeper_stop(keeper);
    while ((errand = fl_mailbox_poll(keeper->inbox))) {
        free(errand->put);
        fl_buf_unref(errand->bytes);
        free(errand);
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

static void send(struct fl_keeper *keeper, struct fl_errand errand)
{
    struct fl_errand *copy = fl_new(struct fl_errand);

    *copy = errand;
    fl_mailbox_put(keeper->inbox, copy);
}

static struct fl_put *copy_put(const struct fl_put *put)
{
    struct fl_put *copy = fl_new(struct fl_put);

    *copy = *put;
    copy->piece.id = copy->id;
    copy->named.scene = copy->scene;
    copy->named.layer = put->named.thing == FL_THING_MAP ? copy->layer : NULL;
    return copy;
}

void fl_keeper_put(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    send(keeper, (struct fl_errand){FL_VERB_PUT, request, copy_put(put), NULL});
}

void fl_keeper_write(struct fl_keeper *keeper, uint64_t request, struct fl_buf *bytes)
{
    send(keeper, (struct fl_errand){FL_VERB_WRITE, request, NULL, bytes});
}

void fl_keeper_end(struct fl_keeper *keeper, uint64_t request)
{
    send(keeper, (struct fl_errand){FL_VERB_END, request, NULL, NULL});
}

void fl_keeper_break(struct fl_keeper *keeper, uint64_t request)
{
    send(keeper, (struct fl_errand){FL_VERB_BREAK, request, NULL, NULL});
}

void fl_keeper_delete(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put)
{
    send(keeper, (struct fl_errand){FL_VERB_DELETE, request, copy_put(put), NULL});
}
