#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stdint.h>

// Where to listen, and the hosts that names in headers stand for. Pure; any thread.

struct fl_address {
    bool is_unix;
    char host[108]; // "127.0.0.1", "::1", or the socket file's path
    uint16_t port;  // 0: any free one
};

// "HOST:PORT" with a loopback host, or "unix:PATH"; everything else is refused with a sentence.
enum fl_err fl_address_parse(const char *text, struct fl_address *out,
                             struct fl_error *error) FL_CHECKED;

struct fl_authority { // "host", "host:port" or "[::1]:port"
    char host[256];   // lower case, no brackets
    int32_t port;     // -1: none was given
};

bool fl_authority_parse(const char *text, size_t len, struct fl_authority *out);
bool fl_authority_is_loopback(const struct fl_authority *authority); // localhost, 127/8, ::1

struct fl_url {
    bool https;
    struct fl_authority authority; // port -1 also where it is the scheme's own
    char path[1024];               // "" or from its first slash on, as it was written
};

// "http://host:port/path" or https; no user, query or fragment.
bool fl_url_parse(const char *text, struct fl_url *out);
