#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// As much MessagePack as a client of farlook.v1 needs that only hovers: written apart from proto/,
// so that the load generator measures the server and shares none of its code.

struct pack { // writes; what would not fit is left out, which the server then refuses
    uint8_t bytes[256];
    size_t len;
};

void pack_map(struct pack *pack, unsigned pairs); // at most 15
void pack_array(struct pack *pack, unsigned n);   // at most 15
void pack_str(struct pack *pack, const char *text);
void pack_uint(struct pack *pack, uint32_t value);
void pack_double(struct pack *pack, double value);

struct heard { // what of a message from the server counts here
    char type[12], enc[8];
    uint32_t seq, frame;
    uint32_t us_render; // of a frame
    uint32_t us_all;    // of its stages, from the hover it shows on
};

// False: no message that this reads.
bool unpack_message(const uint8_t *bytes, size_t len, struct heard *out);
