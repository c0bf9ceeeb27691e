#pragma once

#include "server/base/frame.h"
#include "server/base/histogram.h"
#include "server/data/catalogue.h"

#include <stdbool.h>
#include <stdint.h>

// Who looks at what: viewers and their views, which renders are under way, who waits for them.
// Network thread only. Everything it causes elsewhere goes through `struct fl_session_ways`, so
// that tests need neither GPU nor socket.
struct fl_session;
struct fl_viewer; // one connection

struct fl_session_ways {
    void (*render)(void *user, struct fl_frame *frame); // gpu, then encode, then fl_session_deliver
    void (*encode)(void *user, struct fl_frame *frame); // encode alone, then fl_session_deliver
    void (*picture)(void *user, struct fl_frame *frame); // loader (frame without map: then encode;
                                                         // with one: then gpu), then deliver
    void (*load)(void *user, struct fl_map *map, enum fl_norms norms); // then fl_session_loaded
    void (*wake)(void *user, void *socket); // the viewer behind this socket has something to write
    int (*norms)(enum fl_metric metric, enum fl_origin origin); // what a render needs
    uint64_t (*now)(void);                                      // microseconds
    void (*forget)(void *user, struct fl_map *map); // nobody will be shown this map again; or NULL
    uint64_t (*upload)(void *user); // bytes that may still be uploaded, 0: off; or NULL
    void *user;                     // borrowed
    // The renderer is about to be idle, and the encoders keep up. False: fl_session_feed comes when
    // the former is so again, fl_session_deliver for the latter. NULL: always.
    bool (*has_room)(void *user);
};

struct fl_session_options {
    const char *version, *gpu; // borrowed for the session's life
    bool software;
    uint32_t quality;      // 0: adaptive; else the JPEG quality of every frame (no PNG)
    uint32_t frame_budget; // bytes an exact frame may have; 0: by the link's estimate
    unsigned batch;        // renders of one map sent at once; 0: what one pass serves
};

struct fl_session *fl_session_create(const struct fl_catalogue *catalogue,
                                     const struct fl_session_options *options,
                                     const struct fl_session_ways *ways);
void fl_session_stop(struct fl_session *session); // from now on it starts nothing
// No parcel is under way any more; NULL is fine.
void fl_session_destroy(struct fl_session *session);
// Another catalogue takes the place of the present one, which may be closed afterwards: views on a
// replaced map go over to the new one, views on one that is no more are closed, everybody is told.
void fl_session_change(struct fl_session *session, const struct fl_catalogue *catalogue);
uint64_t fl_session_upload(const struct fl_session *session); // ways.upload's word
const struct fl_catalogue *fl_session_catalogue(const struct fl_session *session);

// --- WebSocket viewers ---

// `path`: the id of "/s/ID" in the address it came by, "" for none; its hello must agree with it.
struct fl_viewer *fl_session_join(struct fl_session *session, void *socket, const char *path);
void fl_session_leave(struct fl_session *session, struct fl_viewer *viewer);
size_t fl_viewer_limit(const struct fl_viewer *viewer); // bytes its next message may have
// One whole message. Answers and errors go out through fl_session_next.
void fl_session_receive(struct fl_session *session, struct fl_viewer *viewer, const void *bytes,
                        size_t len);

struct fl_out { // one WebSocket message: head, then image (or NULL) as one binary message
    struct fl_buf *head, *image; // owned by the caller: unref both
    uint16_t close;              // not 0: nothing to write, close with this code
    const char *reason;
    bool more; // the next one is ready: ask for the socket again
};

// What to write now that the socket has room; false: nothing. Frames leave the view only here, so a
// choked socket stops its own renders.
bool fl_session_next(struct fl_viewer *viewer, struct fl_out *out);

// --- what comes back from the other threads (through fl_net_call) ---

void fl_session_deliver(struct fl_session *session, struct fl_frame *frame); // takes the frame
void fl_session_feed(struct fl_session *session); // the renderer has room again
void fl_session_loaded(struct fl_session *session, struct fl_map *map, enum fl_norms norms,
                       const struct fl_error *error);
void fl_session_tick(struct fl_session *session); // every 50 ms or so: rests, loads, stalls

// --- one-shot answers for HTTP ---

enum fl_shot_kind { FL_SHOT_FRAME, FL_SHOT_PICTURE, FL_SHOT_MASK, FL_SHOT_VECTOR };

struct fl_shot {
    enum fl_shot_kind kind;
    const struct fl_scene *scene; // the asker keeps a reference until it is done or forgotten
    struct fl_map *map;           // likewise; NULL for a picture
    struct fl_set set;     // over the defaults; for VECTOR its reference, for MASK its origin
    enum fl_output output; // FRAME: COLOUR (.jpg, .png) or VALUES (.npy)
    struct fl_encoding encoding;
    uint32_t w;    // pixels wide; 0: as it is (frame: the map's own grid, or 1 pixel a cell)
    bool colorbar; // of a colour frame
};

// The answer: image and enc; for VECTOR the vector; always render, lo, hi; or error. Borrowed.
typedef void (*fl_shot_fn)(void *user, const struct fl_frame *frame);

// Never calls `done` before it returns. 0 and *error: refused at once.
uint64_t fl_session_shoot(struct fl_session *session, const struct fl_shot *shot, fl_shot_fn done,
                          void *user, struct fl_error *error);
void fl_session_forget(struct fl_session *session, uint64_t shot); // whoever asked is gone

struct fl_session_counts { // for /metrics; all since the start but viewers
    uint64_t viewers;      // connected now
    uint64_t renders;      // started, those of HTTP too
    uint64_t frames, same; // frames sent to viewers; of them with nothing new to show
    uint64_t bytes;        // of their messages
    uint64_t errors;       // told to viewers
    uint64_t messages;     // received from viewers
    uint64_t changes;      // of the catalogue
    struct fl_histogram wait, render, read, encode; // microseconds of each render that succeeded
    struct fl_histogram round_trip;  // microseconds from a frame's writing to its acknowledgement
    struct fl_histogram frame_bytes; // of each frame's message
};
struct fl_session_counts fl_session_counts(const struct fl_session *session);
