#define LOG_MODULE "keeper"
#include "keeper_inner.h"

#include "proto/buf.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdlib.h>

// What others ask of the keeper: pieces of uploads, and deletions.

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

// Whoever hears of it and asks finds the room as it is now.
static void say(struct fl_keeper *keeper, struct fl_told *told)
{
    fl_keeper_publish_room(keeper);
    keeper->ways.told(keeper->ways.user, told);
}

static void tell(struct fl_keeper *keeper, uint64_t request, enum fl_told_kind kind, uint64_t bytes)
{
    struct fl_told *told = fl_new(struct fl_told);

    *told = (struct fl_told){.request = request, .kind = kind, .bytes = bytes};
    say(keeper, told);
}

static void tell_failure(struct fl_keeper *keeper, uint64_t request, const struct fl_error *error)
{
    struct fl_told *told = fl_new(struct fl_told);

    atomic_fetch_add(&keeper->failed, 1);
    *told = (struct fl_told){.request = request, .kind = FL_TOLD_FAILED, .error = *error};
    log_warn("an upload failed: %s", error->text);
    say(keeper, told);
}

static struct fl_coming *find(struct fl_keeper *keeper, uint64_t request)
{
    for (size_t i = 0; i < FL_KEEPER_REQUESTS; i++)
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
    struct fl_coming *coming = find(keeper, 0);
    struct fl_error error = {0};
    bool is_there = false;
    uint64_t due = 0;
    enum fl_err err = check_owner(keeper, put, &is_there, &error);

    if (!err && !coming)
        err = fl_fail(&error, FL_ERR_FLOOD, "Too many uploads are under way; try again soon.");
    if (!err)
        err = fl_uploads_begin(keeper->uploads, &put->named, &put->piece, &coming->upload, &due,
                               &error);
    if (!err && coming) {
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
    struct fl_coming *coming = find(keeper, request);
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
    told->maps = fl_calloc(stored->n + 1, sizeof(struct fl_map *));
    for (size_t i = 0; scene && i < stored->n; i++) {
        struct fl_map *map = fl_scene_find_map(scene, stored->layers[i]);
        if (map)
            told->maps[told->n_maps++] = fl_map_ref(map);
    }
    if (scene && told->n_maps == stored->n) {
        told->scene = fl_scene_ref(scene);
        say(keeper, told);
        return;
    }
    fl_told_destroy(told);
    fl_fail(&error, FL_ERR_GONE, "The scene changed while this was stored; look at api/v1/scenes.");
    tell_failure(keeper, request, &error);
}

static void end_piece(struct fl_keeper *keeper, uint64_t request)
{
    struct fl_coming *coming = find(keeper, request);
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
            fl_keeper_show(keeper);
        tell_stored(keeper, request, path, fl_upload_stored(coming->upload));
    }
    free(path);
}

static void break_piece(struct fl_keeper *keeper, uint64_t request)
{
    struct fl_coming *coming = find(keeper, request);

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
            fl_keeper_show(keeper);
        tell(keeper, request, FL_TOLD_DELETED, 0);
    } else {
        tell_failure(keeper, request, &error);
    }
    free(path);
}

void fl_keeper_carry_out(struct fl_keeper *keeper, struct fl_errand *errand)
{
    switch (errand->verb) {
    case FL_VERB_PUT:
        begin_piece(keeper, errand->request, errand->put);
        break;
    case FL_VERB_WRITE:
        write_bytes(keeper, errand->request, errand->bytes);
        break;
    case FL_VERB_END:
        end_piece(keeper, errand->request);
        break;
    case FL_VERB_BREAK:
        break_piece(keeper, errand->request);
        break;
    case FL_VERB_DELETE:
        delete_named(keeper, errand->request, errand->put);
        break;
    }
    fl_keeper_publish_room(keeper);
    free(errand->put);
    fl_buf_unref(errand->bytes);
    free(errand);
}
