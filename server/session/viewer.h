#pragma once

#include "proto/msg.h"
#include "view.h"
#include "window.h"

// One connection: its views, its link, what waits to be written to it.
enum {
    FL_MOST_FRAMES_OUT = FL_MAX_VIEWS * 8,
    FL_MOST_WAITING = 256, // control messages that may wait for the socket
};

struct fl_sent { // a frame on its way
    uint32_t frame, view;
    size_t bytes;
    uint64_t at;
};

struct fl_viewer {
    struct fl_session *session; // borrowed
    struct fl_viewer *next;
    void *socket;           // borrowed, opaque
    uint32_t number;        // for the log
    char id[33];            // for resume; hex
    char path[FL_MAX_TEXT]; // the session's id in its address; "": none
    bool greeted;           // hello was accepted
    bool paused;
    uint64_t joined_at;
    double allowance; // messages it may still send; refills with time
    uint64_t allowed_at;

    struct fl_view views[FL_MAX_VIEWS]; // map NULL: not open
    uint32_t n_views;                   // one beyond the highest that was ever open
    uint32_t next_view;                 // whose frame is written next: round robin
    uint64_t round;                     // of its views' next turn (order.h)

    struct fl_window window;
    uint32_t last_frame;                     // the id last given
    struct fl_sent sent[FL_MOST_FRAMES_OUT]; // a ring
    unsigned first_sent, n_sent;

    struct fl_buf *waiting[FL_MOST_WAITING]; // owned; a ring
    unsigned first_waiting, n_waiting;
    uint16_t close; // not 0: after what waits, close with this code
    const char *reason;
};

struct fl_viewer *fl_viewer_create(struct fl_session *session, void *socket, uint64_t now);
void fl_viewer_destroy(struct fl_viewer *viewer);

// One more message came: false when it is a flood.
bool fl_viewer_allows(struct fl_viewer *viewer, uint64_t now);

// Takes the message (NULL: there was no memory; the connection ends).
void fl_viewer_say(struct fl_viewer *viewer, struct fl_buf *message);
void fl_viewer_say_error(struct fl_viewer *viewer, const struct fl_error *error,
                         const uint32_t *view, const uint32_t *seq); // NULL: left out
void fl_viewer_hang_up(struct fl_viewer *viewer, uint16_t code, const char *reason);
struct fl_buf *fl_viewer_take_message(struct fl_viewer *viewer); // NULL: none waits

unsigned fl_viewer_open_views(const struct fl_viewer *viewer);
// Notes that a frame of this view goes out and gives it its id.
uint32_t fl_viewer_count_frame(struct fl_viewer *viewer, uint32_t view, size_t bytes, uint64_t now);
// Frames up to `frame` arrived, which took `decode` us to decode. False: none of them was out.
bool fl_viewer_ack(struct fl_viewer *viewer, uint32_t frame, uint32_t decode, uint64_t now);
