#pragma once

#include <stddef.h>

// How many bytes the kernel takes from a socket's writer at once; a little less than it says, never
// more. Every write keeps to it, so that libwebsockets never holds a part of one back: version 4.1.6
// spins for ever, without another look at any socket, when a connection ends in that state.
size_t fl_room_to_write(int socket);
