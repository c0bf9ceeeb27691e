#pragma once

#include "job.h"
#include "ladder.h"
#include "order.h"

// One view: a map, the newest state that its client declared, and the at most one render on its
// way. States overwrite each other; a render starts only when the last one was handed to the
// socket, the window has room and the renderer is about to be idle. So a slow link or GPU skips
// hovers and never queues them.
struct fl_view {
    const struct fl_scene *scene; // shared reference; NULL: not open
    struct fl_map *map;           // shared reference; NULL: not open
    struct fl_state state;
    uint64_t changed_at; // when the newest set came
    uint64_t before_at;  // when the one before it came
    uint64_t told_at;    // when it was last told how much of what it waits for is loaded

    struct fl_turn turn;             // its place among those that wait for a render
    uint64_t job;                    // the render on its way, 0: none
    struct fl_result *ready;         // brought by it, waits for the socket
    struct fl_result *shown;         // the last one sent
    struct fl_ladder ladder;         // what its frames take
    struct fl_references *probed[2]; // shared, or NULL: a region's, for the next probe (probe.c)

    uint32_t id;
    uint32_t seq;        // of the newest set
    uint32_t ready_seq;  // of ready or echo
    unsigned frames_out; // sent and not acknowledged
    int32_t shrink;      // of the render on its way, as fl_ladder_choose had it
    int32_t strip;       // which of ready's strips is next

    bool opened;       // `opened` was sent: the map is loaded
    bool dirty;        // the state changed since the last render started
    bool still;        // the next render is the exact one of a view at rest
    bool stilled;      // that one was asked for already
    bool echo;         // no render needed: say `same` again (the reference's cell may be none)
    bool echo_outside; // of that: the reference lies outside the map
};

void fl_view_finish(struct fl_view *view); // zeroed is fine

// Something is ready to be written.
bool fl_view_has_frame(const struct fl_view *view);
// Nothing is under way or waiting, and something may be started.
bool fl_view_is_free(const struct fl_view *view);
// A newer state came: what is left of an exact picture in strips is not sent any more.
void fl_view_drop_strips(struct fl_view *view);
// Its states follow each other: none of the last two came before `since`.
bool fl_view_is_moving(const struct fl_view *view, uint64_t since);
// At rest since `since` on a frame that is not exact.
bool fl_view_wants_still(const struct fl_view *view, uint64_t since);
