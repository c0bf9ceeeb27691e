#pragma once

#include "proto/err.h"
#include "server/data/catalogue.h"

#include <stdbool.h>
#include <stdint.h>

// The command line of farlook-server; each option also as FARLOOK_* in the environment, which the
// command line overrides. Strings are borrowed from argv or the environment.
struct fl_options {
    const char *listen;
    const char *public_url; // or NULL
    const char *origins[16];
    size_t n_origins;
    const char *gpu;
    bool software;
    uint64_t gpu_memory; // bytes; 0: by what there is
    bool half;           // feature maps in half precision on the GPU
    unsigned encoders;   // 0: by the cores
    uint32_t quality;    // 0: adaptive
    uint32_t frame_budget;
    unsigned batch;  // 0: as many as one pass serves
    unsigned engine; // enum fl_engine_choice of gpu.h
    enum fl_layout layout;
    const char *upload_dir; // or NULL
    uint64_t quota;         // bytes of all uploads
    bool no_watch;
    int log_level;
    bool bench, help, version; // print and end
    char *const *paths;        // what is left of argv
    size_t n_paths;
};

enum fl_err fl_options_parse(int argc, char **argv, struct fl_options *out,
                             struct fl_error *error) FL_CHECKED;
const char *fl_options_usage(void);
