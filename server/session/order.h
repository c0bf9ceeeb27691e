#pragma once

#include <stddef.h>
#include <stdint.h>

// Views that wait for a render. Viewers take turns: one with many views does not stand before those
// with one (start-time fair queueing, Goyal, Vin and Cheng 1996, where every render costs the same).
// Views of one round go in the order that they came. Only their place is kept: what is rendered is
// their state when their turn comes, so that waiting makes no picture old. Network thread only.
struct fl_view;
struct fl_viewer;

struct fl_turn { // one view's place; zeroed: it does not wait
    struct fl_order *order;
    struct fl_turn *before, *after;
    struct fl_viewer *viewer; // borrowed, as is view
    struct fl_view *view;
    uint64_t since; // when it came
    uint64_t round;
};

struct fl_order { // zeroed: empty
    struct fl_turn *first, *last;
    size_t n;
    uint64_t round; // of the last turn that was taken
};

// At the end of its round; again is fine. `next`: the viewer's, from which round on it has none yet.
void fl_order_join(struct fl_order *order, struct fl_turn *turn, uint64_t *next);
void fl_turn_take(struct fl_turn *turn);  // it is its turn
void fl_turn_leave(struct fl_turn *turn); // it gives its place up; not waiting is fine
