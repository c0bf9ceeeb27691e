#pragma once

#include "dtype.h"

#include "proto/err.h"

// The text beside an ENVI cube: what its bytes mean. Private to server/data.

enum fl_envi_order { FL_ENVI_BSQ, FL_ENVI_BIL, FL_ENVI_BIP }; // interleave

// The bands of its picture.
struct fl_envi_shown {
    int32_t bands[3]; // red, green, blue, or one grey one; from 0 on, bad ones included
    int32_t n;        // 3 or 1; 0: it has none
    bool fixed;       // lo and hi are values, else percent of the cells with data
    double lo, hi;
};

struct fl_envi_header {
    uint64_t w, h, bands; // samples, lines
    enum fl_dtype type;
    bool swap; // not this machine's byte order
    enum fl_envi_order order;
    uint64_t offset; // bytes before the values
    bool *bad;       // owned; `bands` of them, or NULL: all are good
    double *axis;    // owned; `bands` wavelengths, or NULL
    char unit[16];   // of them; "": not known
    bool ignores;    // `ignored` stands for no value
    double ignored;
    struct fl_envi_shown shown;
};

enum { FL_ENVI_HEADER = 1 << 22 }; // bytes of the text, at most

// Pure but for the log. Checks every key that counts. `what` begins the sentences: the header's name.
enum fl_err fl_envi_parse(const char *what, const void *text, size_t len,
                          struct fl_envi_header *out, struct fl_error *error) FL_CHECKED;
void fl_envi_header_finish(struct fl_envi_header *header); // zeroed is fine
