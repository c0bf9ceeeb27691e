#pragma once

#include "mapping.h"

// A whole file in memory. Private to server/data.
struct fl_file_bytes {
    const char *what; // borrowed; begins the sentences: the file's name
    const void *at;   // borrowed
    size_t len;
    struct fl_mapping *mapping; // borrowed: what holds the bytes; NULL: they outlive what is made
};
