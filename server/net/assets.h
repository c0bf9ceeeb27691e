#pragma once

#include <stddef.h>

// The page's files, compiled in (client/web/build.mjs makes the array).
struct fl_asset {
    const char *path; // "index.html", "assets/app-1a2b3c4d.js"
    const char *type; // the Content-Type header
    const unsigned char *bytes;
    size_t len;
};

extern const struct fl_asset fl_assets[];
extern const size_t fl_n_assets;
