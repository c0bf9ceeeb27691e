#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One direction of an emulated link, packet by packet: the bottleneck with its rate, delay and queue,
// packets that are lost, and what TCP's sender makes of that. The sockets at both ends are of
// loopback, which loses nothing: whoever writes into one sees its buffer fill up, as with a slow link.
//
// The sender, as far as it shows in how long bytes take:
//   it has at most `window` packets under way: 10 at first (RFC 6928), one more for each that is
//   acknowledged, beyond `threshold` one more a round trip (RFC 5681);
//   a lost packet is sent again when three that were sent later are acknowledged (RFC 6675), and the
//   window shrinks to 0.7 of what is under way, once a round trip (RFC 9438, section 4.6);
//   where fewer follow, as behind the last packet of a message, it is sent again after the time-out
//   of RFC 6298, at least the 200 ms of Linux, twice as long after each in vain, and the window
//   begins anew with one packet. (Linux sends a probe sooner, RFC 8985: here tails are worse.)
// What arrives behind a lost packet waits for it.
struct link_kind {
    double bits;      // a second
    uint64_t one_way; // microseconds
    size_t queue;     // bytes that may wait for their turn on the link; then the sender waits
    double loss;      // of each packet, 0 .. 1
};

struct way;

// `seed`: which packets are lost. NULL without memory.
struct way *way_create(const struct link_kind *kind, int from, int to, uint32_t seed);
void way_destroy(struct way *way); // NULL is fine; the sockets stay open

bool way_wants_more(const struct way *way); // to be read, when there is something
bool way_is_over(const struct way *way);    // one end closed, and nothing is under way
void way_step(struct way *way);             // all that is due
uint64_t way_due(const struct way *way);    // microseconds until something is, at most 100 ms
