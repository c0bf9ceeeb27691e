#pragma once

#include "gpu.h"
#include "limits.h"

// fl_gpu_create with what tests change; `tuning` outlives the gpu.
struct fl_gpu *fl_gpu_create_tuned(const struct fl_gpu_options *options,
                                   const struct fl_tuning *tuning, fl_frame_fn done, void *user,
                                   struct fl_error *error);

// Any thread. How often GL went over a map to compare, since the engine was made.
uint64_t fl_gpu_passes(const struct fl_gpu *gpu);
