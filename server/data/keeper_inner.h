#pragma once

#include "collection.h"
#include "keeper.h"

#include "server/base/thread.h"

#include <stdatomic.h>

// What keeper.c (its thread and life) and keeper_store.c (what others ask of it) share.

enum { FL_KEEPER_REQUESTS = 64 }; // with a piece that is coming

enum fl_verb { FL_VERB_PUT, FL_VERB_WRITE, FL_VERB_END, FL_VERB_BREAK, FL_VERB_DELETE };

struct fl_errand {
    enum fl_verb verb;
    uint64_t request;
    struct fl_put *put;   // owned; of PUT and DELETE
    struct fl_buf *bytes; // owned; of WRITE
};

struct fl_coming {    // one request's piece
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
    struct fl_coming coming[FL_KEEPER_REQUESTS];
    uint64_t next_look, next_sweep;
    _Atomic(bool) stop;
    _Atomic(uint64_t) room; // any thread reads it
    _Atomic(uint64_t) stored, deleted, failed, bytes;
};

// keeper_store.c: does it, tells what became of it, and frees the errand. The keeper's thread.
void fl_keeper_carry_out(struct fl_keeper *keeper, struct fl_errand *errand);
// keeper.c: what is shown now is another catalogue; how much room there is. The keeper's thread.
void fl_keeper_show(struct fl_keeper *keeper);
void fl_keeper_publish_room(struct fl_keeper *keeper);
