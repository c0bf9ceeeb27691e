#pragma once

#include "proto/err.h"

#include <stdbool.h>

// An ENVI header's text as keys and values. Private to server/data; pure.
struct fl_envi_entry {
    char *key;   // in small letters, single spaces
    char *value; // trimmed; of {...} what stands between
    bool braces;
};

struct fl_envi_text {
    char *copy;                    // owned; what the entries point into
    struct fl_envi_entry *entries; // owned
    size_t n;
};

// Lines without "=" and comments (";") are passed over. Refuses what is no text, does not begin
// with "ENVI", does not close a brace, or says one key twice.
enum fl_err fl_envi_text_split(const char *what, const void *bytes, size_t len,
                               struct fl_envi_text *out, struct fl_error *error) FL_CHECKED;
void fl_envi_text_finish(struct fl_envi_text *text); // zeroed is fine

const struct fl_envi_entry *fl_envi_text_find(const struct fl_envi_text *text, const char *key);
