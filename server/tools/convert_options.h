#pragma once

#include "server/data/catalogue.h"

#include <stdbool.h>
#include <stdio.h>

struct options { // of farlook-convert; all borrowed from argv
    const char *in, *out;
    int32_t precision;   // 8, 16 or 32; 0: not said
    const char *overlay; // NULL: none
    const char *name;    // NULL: the file's own
    enum fl_layout layout;
    bool has_range;
    double range[2];
    bool force;
    bool help, version; // asked for; the rest does not count then
    bool unpacks;       // from a data set to an array
};

enum fl_err options_parse(int argc, char **argv, struct options *out,
                          struct fl_error *error) FL_CHECKED;
void options_usage(FILE *to);
