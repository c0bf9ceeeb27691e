#pragma once

#include "way.h"

#include <sys/types.h>

// A link between a client and the server, emulated in user space (way.h): a process of its own that
// carries one connection. Its process, or -1. *port is where the client connects to; the process ends
// with the connection.
pid_t relay_start(const struct link_kind *kind, uint16_t target, uint16_t *port);
