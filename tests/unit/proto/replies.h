#pragma once

#include <jansson.h>

// A server's message made by the function under test from the JSON of its vector.
struct fl_buf;

struct replies_type {
    const char *type;                        // the name of the vectors' file
    struct fl_buf *(*make)(json_t *message); // the caller unrefs; NULL as the function says
};

enum { REPLIES_TYPES = 9 };
extern const struct replies_type replies_types[REPLIES_TYPES];
