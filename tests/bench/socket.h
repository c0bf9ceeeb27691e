#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One WebSocket of a client, on loopback. It never blocks once it is open: link_read when the
// socket is readable, link_flush when it is writable.

typedef void (*link_fn)(void *user, const uint8_t *bytes, size_t len); // one whole message

struct link {
    int fd; // -1: closed
    bool upgraded;
    uint8_t *in, *message; // owned; what came and is not read yet; fragments so far
    size_t n_in, in_size, n_message, message_size;
    uint8_t out[16384];
    size_t n_out;
    link_fn heard;
    void *user; // borrowed
};

bool link_open(struct link *link, uint16_t port, link_fn heard, void *user);
void link_finish(struct link *link); // zeroed with fd -1 is fine
void link_read(struct link *link);
void link_flush(struct link *link);
void link_send(struct link *link, const void *bytes, size_t len); // one binary message

uint16_t loopback_listen(int *fd); // any port; 0: it failed
// -1: it failed. `narrow`: with packets and a receive buffer like those of a link, not of loopback.
int loopback_connect(uint16_t port, bool narrow);
