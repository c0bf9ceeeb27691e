#pragma once

#include "catalogue.h"
#include "upload.h"

// The keeper's thread: looks whether files came, changed or went, and stores what people upload, so
// that neither holds up the network. Whenever something else is to be shown it makes a new catalogue.
struct fl_keeper;
struct fl_buf;

struct fl_keeper_options {
    struct fl_catalogue_options reading;
    char *const *paths; // n_paths; borrowed while it is opened
    size_t n_paths;
    bool watch;
    const char *upload_dir; // NULL: uploads are off
    uint64_t quota;         // bytes of all uploads together
};

// Reads what is there. Only where uploads are taken there may be nothing to show yet.
enum fl_err fl_keeper_open(const struct fl_keeper_options *options, struct fl_keeper **out,
                           struct fl_catalogue **first, struct fl_error *error) FL_CHECKED;

// What became of a request that changes what is stored.
enum fl_told_kind {
    FL_TOLD_GO,      // its bytes may come
    FL_TOLD_WRITTEN, // `bytes` of them are written
    FL_TOLD_PIECE,   // all are, and more pieces are to come from byte `bytes` on
    FL_TOLD_DUE,     // refused: the piece that is due begins at byte `bytes`
    FL_TOLD_STORED,  // the file is read and shown
    FL_TOLD_DELETED,
    FL_TOLD_FAILED, // error
};

struct fl_told {
    uint64_t request;
    enum fl_told_kind kind;
    uint64_t bytes;
    struct fl_error error;
    bool created;                 // STORED: nothing had this name
    const struct fl_scene *scene; // STORED: shared reference
    struct fl_map **maps;         // STORED: of a map, its layers; shared references, owned list
    size_t n_maps;
};
void fl_told_destroy(struct fl_told *told); // NULL is fine

struct fl_keeper_ways { // called on the keeper's thread, in the order that things happened
    void (*changed)(void *user, struct fl_catalogue *catalogue); // takes the catalogue
    void (*told)(void *user, struct fl_told *told);              // takes it
    void *user;                                                  // borrowed
};

void fl_keeper_start(struct fl_keeper *keeper, const struct fl_keeper_ways *ways);
void fl_keeper_stop(struct fl_keeper *keeper); // from now on it does nothing; NULL is fine
// Uploads under way are dropped. NULL is fine.
void fl_keeper_destroy(struct fl_keeper *keeper);

// --- any thread ---

uint64_t fl_keeper_room(const struct fl_keeper *keeper); // bytes that may be uploaded; 0: off, full
bool fl_keeper_takes_uploads(const struct fl_keeper *keeper);

struct fl_keeper_counts {             // since the start
    uint64_t stored, deleted, failed; // requests: files complete, deletions, refused or broken off
    uint64_t bytes;                   // received
};
struct fl_keeper_counts fl_keeper_counts(const struct fl_keeper *keeper);

struct fl_put {
    struct fl_named named; // its strings point to:
    char scene[256], layer[256], id[FL_UPLOAD_ID];
    struct fl_piece piece;
};

// A request begins (`request` is the asker's name for it, not 0): GO, DUE or FAILED follows.
void fl_keeper_put(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put);
void fl_keeper_write(struct fl_keeper *keeper, uint64_t request,
                     struct fl_buf *bytes);                       // takes them
void fl_keeper_end(struct fl_keeper *keeper, uint64_t request);   // PIECE, STORED or FAILED follows
void fl_keeper_break(struct fl_keeper *keeper, uint64_t request); // nothing follows
void fl_keeper_delete(struct fl_keeper *keeper, uint64_t request, const struct fl_put *put);
