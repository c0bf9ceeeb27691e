#pragma once

#include "gpu.h"

#include <stddef.h>

// How long frames of a map take here, by every way that there is of comparing, each beside one thread
// that reads the map's values once: both in every round, so that a busy machine slows both. On its own
// GPU threads; blocks for some seconds.
struct fl_bench_time {
    char what[48];
    double ms;     // median
    double floors; // over that thread, median of the rounds; NaN: not to be compared
};

struct fl_bench {
    struct fl_gpu_info info;
    bool by_c;       // the server would draw with the software engine here
    double floor_ms; // the reading thread; NaN: the values do not lie in memory as float32
    struct fl_bench_time times[16];
    size_t n;
    uint8_t *levels; // owned; one frame's, w * h bytes
    int32_t w, h;
};

// The map is loaded. FL_ERR_GPU and a sentence without a usable GPU.
enum fl_err fl_bench_run(const struct fl_gpu_options *options, struct fl_map *map,
                         struct fl_bench *out, struct fl_error *error) FL_CHECKED;
void fl_bench_finish(struct fl_bench *bench); // zeroed is fine
