#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A link between a client and the server, emulated in user space: a process of its own that carries
// one connection with this rate, delay and queue in each direction. A lost packet arrives one round
// trip later and all behind it waits for it, as TCP does; that TCP also slows down is left out.
struct relay_link {
    double bits;      // a second
    uint64_t one_way; // microseconds
    size_t queue;     // bytes that may wait for their turn on the link; then the sender waits
    double loss;      // of each packet, 0 .. 1
};

// Its process, or -1. *port is where the client connects to; the process ends with the connection.
pid_t relay_start(const struct relay_link *link, uint16_t target, uint16_t *port);
