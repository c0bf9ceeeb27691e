#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How many frames may be on their way to one viewer, and how many bytes each should have: learned
// from their acknowledgements. Pure; times in microseconds.
//
// The window follows the queue that its own frames build (as TCP Vegas does): with
// q = W (rtt - min) / rtt it grows by 1/W while q < 0.3 and it was the limit, and shrinks by 1/W
// when q > 0.7. The link's rate is a frame's bytes over what it took the link alone: from when the
// frame before it had arrived, or from when its own first byte could, to its arrival.
struct fl_window {
    double width;        // W, from 1 to 8 frames
    double rate;         // bytes a second; 0: not known yet
    uint64_t min_rtt;    // the shortest of the last 10 s; 0: none yet
    size_t min_bytes;    // of the frame that had it
    uint64_t min_rtt_at; // when it was seen
    uint64_t bytes_out;  // sent and not acknowledged
    unsigned frames_out; // likewise
    bool blocked;        // a render waited for the window since the last acknowledgement
    uint64_t heard_at;   // when frames began to be out, or the last acknowledgement came
    uint64_t arrived_at; // when the last frame did
};

void fl_window_init(struct fl_window *window);

bool fl_window_has_room(const struct fl_window *window, unsigned frames_out); // of one view

void fl_window_sent(struct fl_window *window, size_t bytes, uint64_t now);
// A frame of `bytes` that was sent at `sent` is acknowledged now; `decode` of that the client needed
// to decode it (its own word: believed only as far as it is possible).
void fl_window_acked(struct fl_window *window, size_t bytes, uint64_t sent, uint64_t decode,
                     uint64_t now);
void fl_window_lost(struct fl_window *window, size_t bytes); // will never be acknowledged

// What an exact frame may have so that it takes 50 ms of the link: a power of two, so that viewers
// of like links share frames; 0: any number.
uint32_t fl_window_budget(const struct fl_window *window, unsigned views);
