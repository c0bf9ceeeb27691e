#pragma once

#include <stddef.h>
#include <stdint.h>

// Views that wait for a render, in the order that they came. Only their place is kept: what is
// rendered is their state when their turn comes, so that waiting makes no picture old. Network
// thread only.
struct fl_view;
struct fl_viewer;

struct fl_turn { // one view's place; zeroed: it does not wait
    struct fl_order *order;
    struct fl_turn *before, *after;
    struct fl_viewer *viewer; // borrowed, as is view
    struct fl_view *view;
    uint64_t since; // when it came
};

struct fl_order { // zeroed: empty
    struct fl_turn *first, *last;
    size_t n;
};

void fl_order_join(struct fl_order *order, struct fl_turn *turn); // at the end; again is fine
void fl_turn_leave(struct fl_turn *turn);                         // not waiting is fine
