#pragma once

#include "server/base/frame.h"

#include <stddef.h>

// Frames in the order that they came. GPU thread only.
struct fl_waiting {
    struct fl_frame **frames; // owned list; the frames are the holder's
    size_t n, room;
};

void fl_waiting_finish(struct fl_waiting *self); // zeroed is fine; empty by then
void fl_waiting_push(struct fl_waiting *self, struct fl_frame *frame);
struct fl_frame *fl_waiting_remove(struct fl_waiting *self, size_t at);
