#pragma once

#include "proto/err.h"
#include "server/session/session.h"

// HTTP and WebSocket on one port: the libwebsockets loop, on the thread that calls fl_net_run.
struct fl_net;
struct fl_keeper;

struct fl_net_options {
    const char *listen; // "127.0.0.1:8765", "localhost:0", "[::1]:8765", "unix:/run/farlook"
    // "https://lab/x/": its path is taken as a prefix, its host is allowed; or NULL.
    const char *public_url;
    const char *const *origins; // further origins that may open the WebSocket
    size_t n_origins;
    struct fl_keeper *keeper;  // borrowed; NULL: nothing can be stored
    const char *version, *gpu; // for healthz and readyz
    bool software;
};

// Binds. NULL and a sentence: the address is in use, is not loopback, or cannot be read.
struct fl_net *fl_net_create(const struct fl_net_options *options, struct fl_error *error);
void fl_net_destroy(struct fl_net *net); // NULL is fine
// "http://127.0.0.1:8765/" with the port that was bound.
const char *fl_net_url(const struct fl_net *net);

void fl_net_run(struct fl_net *net, struct fl_session *session); // until fl_net_stop
void fl_net_stop(struct fl_net *net);                            // any thread

// Any thread: run(user, argument) will be called on the network thread, in order. After the loop
// has ended, calls still waiting are made by fl_net_drain.
void fl_net_call(struct fl_net *net, void (*run)(void *user, void *argument), void *user,
                 void *argument);
void fl_net_drain(struct fl_net *net);

// Network thread: what became of a request that the keeper has. Takes it.
struct fl_told;
void fl_net_told(struct fl_net *net, struct fl_told *told);

void fl_net_wake(void *socket); // network thread: ask for a writable socket
