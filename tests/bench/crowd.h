#pragma once

#include "socket.h"

// Viewers of one map that hover all at once, and how long each hover took to be seen.

struct walk { // how they hover
    const char *map;
    uint32_t w, h;         // cells
    double rate;           // hovers a second and viewer
    bool together;         // all the same way, at the same moments; else each its own
    uint64_t moves, rests; // microseconds, by turns; rests 0: never
    bool ask_after;        // the next hover only when the last was seen: `rate` does not count
};

struct viewer {
    struct link link;
    struct crowd *crowd; // borrowed
    unsigned number;
    bool asked, ready;
    uint32_t seq, shown;    // hovers sent; the newest that a frame showed
    uint64_t sent_at[1024]; // of the hovers, by seq
    uint64_t next_at;       // when to hover
};

struct crowd {
    struct viewer *viewers; // owned
    unsigned n;
    int epoll;
    const struct walk *walk; // borrowed
    bool counts;             // what comes now is counted
    uint64_t begun, ends;    // frames that come later are counted, but how long they took is not
    // since crowd_measure began
    uint64_t hovers, seen, frames, same, bytes;
    double moving;          // seconds
    struct sample *samples; // owned; of each hover that was seen
    size_t n_samples;
};

struct sample {
    uint32_t us;         // from the hover to the first frame that shows it or a newer one
    uint32_t render, at; // of that frame: its pass; all its stages at the server
    bool own;            // that frame shows this very hover
};

// Connects, opens the map and waits for each viewer's first picture.
bool crowd_gather(struct crowd *crowd, unsigned n, uint16_t port, const struct walk *walk);
void crowd_measure(struct crowd *crowd, double seconds); // and waits a moment for what is due
void crowd_rest(struct crowd *crowd, double seconds);    // nobody moves
bool crowd_is_whole(const struct crowd *crowd);          // nobody was cut off
void crowd_end(struct crowd *crowd);

// ms from hover to frame; `own`: of those alone that were shown and not passed over.
double crowd_percentile(struct crowd *crowd, double p, bool own);
double crowd_render(struct crowd *crowd);              // median ms of the frames' own `render`
double crowd_at_server(struct crowd *crowd, double p); // ms of all stages, by the frames' own word
