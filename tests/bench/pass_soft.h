#pragma once

#include "proto/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The passes of the software engine for bench_pass, over a map made of these values. One thread; the
// engine's own are as many as there are cores.
struct bench_soft;

// `values`: h * w * d, borrowed. NULL and a sentence on stderr without memory.
struct bench_soft *bench_soft_create(const float *values, int32_t w, int32_t h, int32_t d);
void bench_soft_destroy(struct bench_soft *soft); // NULL is fine

void bench_soft_compare(struct bench_soft *soft, size_t n); // with up to 16 references
// A frame of levels, as the engine draws it: of another reference than the last one's, or of the same,
// whose comparison it still has.
void bench_soft_frame(struct bench_soft *soft, enum fl_stretch_kind kind, bool compared);
