#define LOG_MODULE "uploads"
#include "upload.h"

#include "text.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEPT = 64, FLUSH = 16 << 20 };
static const uint64_t PATIENCE = FL_SHELF_PATIENCE * UINT64_C(1000000);

struct fl_upload {
    struct fl_uploads *uploads; // NULL: this place is free
    struct fl_named named;      // points to:
    char *scene, *layer;        // owned
    char id[FL_UPLOAD_ID];
    struct fl_temp temp;
    uint64_t total, received;
    uint64_t at, last; // of the piece that comes
    bool whole, busy;  // busy: a piece is coming
    bool done;         // stored; kept for those who did not hear of it
    struct fl_stored stored;
    uint64_t touched; // microseconds
};

struct fl_uploads {
    struct fl_shelf *shelf; // borrowed
    struct fl_upload all[KEPT];
};

struct fl_uploads *fl_uploads_create(struct fl_shelf *shelf)
{
    struct fl_uploads *uploads = fl_new(struct fl_uploads);

    uploads->shelf = shelf;
    return uploads;
}

static void drop(struct fl_upload *upload)
{
    if (!upload->uploads)
        return;
    fl_shelf_drop(upload->uploads->shelf, &upload->temp);
    fl_stored_finish(&upload->stored);
    free(upload->scene);
    free(upload->layer);
    *upload = (struct fl_upload){0};
}

void fl_uploads_destroy(struct fl_uploads *uploads)
{
    if (!uploads)
        return;
    for (size_t i = 0; i < KEPT; i++)
        drop(&uploads->all[i]);
    free(uploads);
}

static bool is_running(const struct fl_upload *upload)
{
    return upload->uploads && !upload->done;
}

uint64_t fl_uploads_reserved(const struct fl_uploads *uploads)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < KEPT; i++)
        if (is_running(&uploads->all[i]))
            bytes += uploads->all[i].total; // all of them passed the quota: no overflow
    return bytes;
}

static struct fl_upload *find(struct fl_uploads *uploads, const struct fl_named *named)
{
    for (size_t i = 0; i < KEPT; i++) {
        struct fl_upload *upload = &uploads->all[i];
        if (upload->uploads && upload->named.thing == named->thing &&
            strcmp(upload->scene, named->scene) == 0 &&
            (!named->layer || strcmp(upload->layer, named->layer) == 0))
            return upload;
    }
    return NULL;
}

// --- what is checked before anything is stored ---

static enum fl_err check_quota(const struct fl_uploads *uploads, const struct fl_named *named,
                               uint64_t total, struct fl_error *error)
{
    uint64_t quota = fl_shelf_quota(uploads->shelf), used = fl_shelf_used(uploads->shelf);
    uint64_t replaced = fl_shelf_size_of(uploads->shelf, named);
    char wanted[FL_TEXT_SIZE], left[FL_TEXT_SIZE], all[FL_TEXT_SIZE];

    used -= replaced < used ? replaced : used;
    used += fl_uploads_reserved(uploads);
    uint64_t room = used < quota ? quota - used : 0;
    if (total <= room)
        return FL_OK;
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "This upload has %s and %s of the %s for uploads are left; delete what is not "
                   "needed, or start the server with a larger --quota.",
                   fl_text_size(wanted, total), fl_text_size(left, room), fl_text_size(all, quota));
}

// A place for one more; those that are done give way.
static struct fl_upload *find_place(struct fl_uploads *uploads)
{
    struct fl_upload *best = NULL;
    size_t running = 0;

    for (size_t i = 0; i < KEPT; i++) {
        struct fl_upload *upload = &uploads->all[i];
        running += is_running(upload);
        if (is_running(upload) || upload->busy)
            continue;
        if (!best || upload->touched < best->touched) // free ones have 0
            best = upload;
    }
    return running < FL_UPLOADS ? best : NULL;
}

static enum fl_err begin_file(struct fl_uploads *uploads, const struct fl_named *named,
                              const struct fl_piece *piece, struct fl_upload **out,
                              struct fl_error *error)
{
    struct fl_temp temp = {0};
    struct fl_upload *upload = NULL;
    enum fl_err err = check_quota(uploads, named, piece->total, error);

    if (!err)
        err = fl_shelf_check_space(uploads->shelf, piece->total, error);
    if (!err && !(upload = find_place(uploads)))
        err = fl_fail(error, FL_ERR_FLOOD,
                      "%d uploads are under way already, as many as this server takes at once; "
                      "try again soon.",
                      FL_UPLOADS);
    if (!err)
        err = fl_shelf_begin(uploads->shelf, &temp, error);
    if (err || !upload)
        return err;
    drop(upload);
    *upload = (struct fl_upload){
        .uploads = uploads,
        .named = *named,
        .scene = fl_text_copy(named->scene),
        .layer = named->layer ? fl_text_copy(named->layer) : NULL,
        .temp = temp,
        .total = piece->total,
    };
    upload->named.scene = upload->scene;
    upload->named.layer = upload->layer;
    snprintf(upload->id, sizeof upload->id, "%s", piece->id);
    *out = upload;
    return FL_OK;
}

// A piece that goes on with an upload, or repeats one of it.
static enum fl_err check_next(const struct fl_upload *upload, const struct fl_piece *piece,
                              uint64_t *due, struct fl_error *error)
{
    *due = 0;
    if (!upload || strcmp(upload->id, piece->id) != 0 || upload->total != piece->total)
        return fl_fail(error, FL_ERR_ORDER,
                       "There is no upload that this piece goes on with; begin with the first "
                       "byte.");
    *due = upload->received;
    if (piece->first <= upload->received)
        return FL_OK;
    return fl_fail(error, FL_ERR_ORDER,
                   "The pieces of an upload come in order; the next one begins at byte %llu.",
                   (unsigned long long)upload->received);
}

enum fl_err fl_uploads_begin(struct fl_uploads *uploads, const struct fl_named *named,
                             const struct fl_piece *piece, struct fl_upload **out, uint64_t *due,
                             struct fl_error *error)
{
    struct fl_upload *upload = find(uploads, named);
    enum fl_err err = fl_shelf_check(uploads->shelf, named, error);

    *out = NULL;
    *due = 0;
    if (!err && upload && upload->busy)
        err = fl_fail(error, FL_ERR_FLOOD,
                      "Another upload of the same name is coming at this moment; try again when "
                      "it is done.");
    if (!err && piece->first > 0)
        err = check_next(upload, piece, due, error);
    if (!err && piece->first == 0) { // anew
        if (upload)
            drop(upload);
        err = begin_file(uploads, named, piece, &upload, error);
    }
    if (err || !upload)
        return err;
    upload->at = piece->first;
    upload->last = piece->last;
    upload->whole = piece->whole;
    upload->busy = true;
    upload->touched = fl_now_us();
    *out = upload;
    return FL_OK;
}

// --- the bytes ---

enum fl_err fl_upload_write(struct fl_upload *upload, const void *bytes, size_t len,
                            struct fl_error *error)
{
    const char *at = bytes;

    upload->touched = fl_now_us();
    if (len > upload->last - upload->at)
        len = (size_t)(upload->last - upload->at);
    while (len > 0 && !upload->done) { // of one that is done nothing is written again
        ssize_t n = pwrite(upload->temp.fd, at, len, (off_t)upload->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fl_fail(error, FL_ERR_IO,
                    "The server could not store this upload: %s; tell the one who runs it.",
                    fl_errno_str());
            drop(upload);
            return FL_ERR_IO;
        }
        // On its way to the disk already now: the end has less to wait for.
        if (upload->at / FLUSH != (upload->at + (uint64_t)n) / FLUSH)
            sync_file_range(upload->temp.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
        upload->at += (uint64_t)n;
        at += n;
        len -= (size_t)n;
    }
    upload->at += len;
    return FL_OK;
}

void fl_upload_break(struct fl_upload *upload)
{
    upload->busy = false;
    if (upload->done)
        return;
    if (upload->whole || upload->received == 0)
        drop(upload);
}

enum fl_err fl_upload_end(struct fl_upload *upload, const struct fl_catalogue_options *options,
                          uint64_t *received, bool *done, struct fl_error *error)
{
    upload->busy = false;
    if (upload->at > upload->received)
        upload->received = upload->at;
    *received = upload->received;
    *done = upload->received == upload->total && upload->last == upload->total;
    if (!*done || upload->done)
        return FL_OK;
    enum fl_err err = fl_shelf_store(upload->uploads->shelf, &upload->named, options, &upload->temp,
                                     &upload->stored, error);
    if (err) {
        drop(upload);
        return err;
    }
    fl_shelf_measure(upload->uploads->shelf);
    upload->done = true;
    return FL_OK;
}

bool fl_upload_is_done(const struct fl_upload *upload)
{
    return upload->done;
}

const char *fl_upload_scene(const struct fl_upload *upload)
{
    return upload->scene;
}

const struct fl_stored *fl_upload_stored(const struct fl_upload *upload)
{
    return &upload->stored;
}

void fl_uploads_sweep(struct fl_uploads *uploads)
{
    uint64_t now = fl_now_us();

    for (size_t i = 0; i < KEPT; i++) {
        struct fl_upload *upload = &uploads->all[i];
        if (!upload->uploads || upload->busy || now - upload->touched < PATIENCE)
            continue;
        if (!upload->done)
            log_info("the upload \"%s\" was broken off", upload->scene);
        drop(upload);
    }
}
