#pragma once

#include <stdbool.h>
#include <stdint.h>

// The command line of bench_open and bench_pass:
// [--gpu WHICH] [--rows] [DIRECTORY] [W H D [REPETITIONS]]
struct arguments { // borrowed from argv; begins as the defaults
    const char *which;
    bool rows; // as rows of the table of tests/bench/run.sh, instead of a table of its own
    const char *directory; // NULL: it takes none; "": it must be told
    int32_t w, h, d;
    int repetitions, most_repetitions;
};

// False, and the usage on stderr.
bool arguments_read(struct arguments *arguments, int argc, char **argv);
