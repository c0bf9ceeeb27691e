#pragma once

#include "options.h"

// farlook-server --bench: what this machine does with the first map of the paths, or with 512 x 256
// cells of 256 channels where there is none, as one table on stdout. Opens no socket. FL_ERR_GPU and
// a sentence without a usable GPU.
enum fl_err fl_bench_print(const struct fl_options *options, struct fl_error *error) FL_CHECKED;
