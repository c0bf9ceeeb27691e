#pragma once

#include "api.h"
#include "guard.h"
#include "listen.h"
#include "net.h"

#include "server/base/thread.h"
#include "server/data/keeper.h"

#include <libwebsockets.h>
#include <stdatomic.h>

// What the files of this folder share: the server's inside. Network thread only, but for what says
// otherwise.
//
//   net.c        the context, the loop, the way in for other threads
//   http.c       one request after the other of a connection: router.c, api.c, answer.c
//   http_head.c  what the head of a request says
//   put.c        those that change what is stored: their bytes to the keeper
//   ws.c         one viewer: messages to the session, frames to the socket

enum {
    FL_MOST_VIEWERS = 1000,
    FL_MOST_SOCKETS = 2000, // viewers and HTTP connections; beyond, requests are answered 503
    FL_MANY_SOCKETS = 500,  // beyond, idle connections make room for others
    FL_MOST_FILES = 4096,   // descriptors; beyond, connections wait in the kernel's queue
    FL_PATIENCE_IDLE = 75,  // seconds to a connection's next request: proxies keep theirs 60 s
    FL_MOST_SHOTS = 8,      // renders for HTTP under way at once; the others wait their turn
};

struct fl_net {
    struct fl_address address;
    struct fl_guard guard;
    struct fl_path base; // of --public-url
    char url[160];
    struct lws_context *lws;
    struct fl_api api;

    struct fl_mailbox *calls; // any thread; struct call of net.c, owned
    atomic_bool woken;        // any thread; the loop was told of them
    atomic_bool stop;         // any thread

    struct fl_session *session; // borrowed; NULL outside fl_net_run
    lws_sorted_usec_list_t tick;
    bool ticking, leaving;
    lws_dll2_owner_t viewers;  // struct fl_socket of ws.c
    lws_dll2_owner_t requests; // struct fl_request of http.c, oldest first
    unsigned shots;            // of those, under way
    uint64_t last_put;         // name of the request that went to the keeper last
    size_t n_sockets;
};

void fl_net_need_ticks(struct fl_net *net); // while there are viewers

// http.c
struct fl_seat { // libwebsockets keeps one for every HTTP connection, zeroed
    struct fl_request *request;
};

enum fl_stage { FL_STAGE_WAITING, FL_STAGE_SHOOTING, FL_STAGE_STORING, FL_STAGE_ANSWERING };

struct fl_put_state {     // of a request that changes what is stored
    uint64_t id;          // its name with the keeper; 0: it has none (any more)
    uint64_t left;        // bytes of its body that have not come
    struct fl_buf *chunk; // owned; bytes for the keeper, not full yet
    size_t out;           // bytes that the keeper has and did not write yet
    bool continues;       // it waits to be told that its body may come
    bool paused;          // it is not read for now
    bool draining;        // its answer is there, and is sent when its body was read
};

struct fl_request { // from its header's end until its answer was written
    lws_dll2_t list;
    struct fl_net *net;
    struct lws *wsi;
    struct fl_seat *seat;
    enum fl_stage stage;
    struct fl_call call;
    uint64_t shot;
    struct fl_put_state put;
    struct fl_answer answer;
    size_t at;  // how much of answer.first was written
    bool begun; // all of it
};

int fl_http_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len);
// request->answer is there: it will be written.
void fl_http_answer(struct fl_request *request);
// Not read, but looked after, until fl_http_answer or fl_put_body.
void fl_http_wait(struct fl_request *request);
void fl_http_forget_all(struct fl_net *net); // no shot calls back any more
// Why this request is not served at all, or FL_OK: its Host, too many of them.
enum fl_err fl_http_screen(struct fl_net *net, struct lws *wsi, struct fl_error *error) FL_CHECKED;

// http_head.c
enum { FL_MOST_QUERY = 4096 }; // bytes

// A header's value, printable ASCII; NULL where it is missing. One too long for `out` reads "?".
const char *fl_http_header(struct lws *wsi, enum lws_token_indexes name, char *out, size_t size);
enum fl_err fl_http_route(struct fl_net *net, struct lws *wsi, struct fl_route *out,
                          struct fl_error *error) FL_CHECKED;
enum fl_err fl_http_query(struct lws *wsi, char out[FL_MOST_QUERY],
                          struct fl_error *error) FL_CHECKED;
void fl_http_asker(struct lws *wsi, struct fl_asker *asker);

// put.c: of routes that PUT or DELETE.
// True: the request waits for its body or for the keeper. False: its answer is there.
bool fl_put_ask(struct fl_request *request);
// Answers with the error, once a body that is not wanted was read.
bool fl_put_refuse(struct fl_request *request, const struct fl_error *error);
int fl_put_body(struct fl_request *request, const void *bytes, size_t len);
int fl_put_end(struct fl_request *request);     // the body is complete
void fl_put_forget(struct fl_request *request); // the request ends, with or without an answer

// ws.c
struct fl_socket { // libwebsockets keeps one for every WebSocket, zeroed
    lws_dll2_t list;
    struct fl_net *net;
    struct lws *wsi;
    struct fl_viewer *viewer; // NULL: it leaves
    struct fl_buf *head;      // owned; the message that is being written, or NULL
    struct fl_buf *image;     // owned; its second half, or NULL
    size_t at;                // how much of both was written
    uint8_t *message;         // owned; a message that comes in pieces
    size_t len;
    uint64_t began; // when its first byte came
    uint64_t heard; // when libwebsockets was told last that someone is there
    bool partial, said_bye;
    bool more;                    // behind the message that is being written
    char session[FL_MAX_SESSION]; // of its path; "": none
};

int fl_ws_confirm(struct fl_net *net, struct lws *wsi, const char *upgrade);
int fl_ws_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                size_t len);
void fl_ws_say_goodbye(struct fl_net *net); // asks all to write their last word
void fl_ws_forget_all(struct fl_net *net);
