#pragma once

#include "viewer.h"

// What the files of this folder share: the session's inside, and the steps of a hover in order.
//
//   receive.c   a message changes a view's state
//   pump.c      a free view joins an equal render or waits for its turn (order.c) to start one
//   deliver.c   the render came back: to the views that waited
//   write.c     the socket has room: the frame's message; the view is free again
//
// loading.c has maps made ready that views wait for, and tells how much of one is.
// shot.c does the same for one HTTP answer, info.c tells the catalogue, change.c replaces it.

struct fl_load { // one map being made ready by the loader
    struct fl_load *next;
    struct fl_map *map; // shared reference
    enum fl_norms norms;
    uint64_t since; // when it was asked for
    double done;    // 0 to 1, as last told
};

struct fl_session {
    const struct fl_catalogue *catalogue; // borrowed; fl_session_change
    struct fl_session_options options;
    struct fl_session_ways ways;
    struct fl_viewer *viewers;
    struct fl_jobs *jobs;
    struct fl_order order; // of the views that wait for a render
    bool crowded;          // the last pass was full, and more views waited
    struct fl_load *loads;
    struct fl_waiting_shot *shots; // shots whose map is being loaded (shot.c)
    uint64_t last_shot;
    bool stopped; // the server ends: nothing is started any more
    uint32_t last_viewer;
    struct fl_session_counts counts;
};

static const uint64_t FL_REST = 250000;            // a view at rest gets an exact frame
static const uint64_t FL_LOADING = 200000;         // between two words about a map's loading
static const uint64_t FL_HELLO_TIMEOUT = 5000000;  // for the first message
static const uint64_t FL_STALL_TIMEOUT = 15000000; // for an acknowledgement

// pump.c
void fl_pump_view(struct fl_viewer *viewer, struct fl_view *view);
void fl_pump_viewer(struct fl_viewer *viewer);
// Joins the equal job under way or starts one; its id.
uint64_t fl_ask(struct fl_session *session, const struct fl_asked *asked,
                const struct fl_waiter *waiter);
void fl_wake(struct fl_viewer *viewer);
bool fl_has_room(struct fl_viewer *viewer, const struct fl_view *view); // for one more frame

// loading.c
// True: ready now. Else the loader was asked (once) and fl_session_loaded will come.
bool fl_require(struct fl_session *session, struct fl_map *map, enum fl_norms norms);
void fl_loads_end(struct fl_session *session);
// How much of what its views wait for is loaded, once that takes long; with every tick.
void fl_loading_tell(struct fl_viewer *viewer, uint64_t now);

// write.c
// Whether fl_session_next has something. With many viewers it matters not to be called for nothing.
bool fl_has_more(struct fl_viewer *viewer);

// shot.c
void fl_shots_loaded(struct fl_session *session, struct fl_map *map, const struct fl_error *error);
void fl_shots_end(struct fl_session *session);

// receive.c
// Shows `map` of `scene` in the view `id`, open or not; the state stays.
void fl_show_map(struct fl_viewer *viewer, uint32_t id, const struct fl_scene *scene,
                 struct fl_map *map);

// info.c
struct fl_buf *fl_info_welcome(const struct fl_viewer *viewer);
struct fl_buf *fl_info_scenes(const struct fl_session *session);
struct fl_buf *fl_info_opened(const struct fl_view *view);
