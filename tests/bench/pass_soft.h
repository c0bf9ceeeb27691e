#pragma once

#include <stddef.h>
#include <stdint.h>

// The passes of the software engine for bench_pass, over a map made of these values. One thread; the
// engine's own are as many as there are cores.
struct bench_soft;

// `values`: h * w * d, borrowed. NULL and a sentence on stderr without memory.
struct bench_soft *bench_soft_create(const float *values, int32_t w, int32_t h, int32_t d);
void bench_soft_destroy(struct bench_soft *soft); // NULL is fine

void bench_soft_compare(struct bench_soft *soft, size_t n); // with up to 16 references
void bench_soft_curve(struct bench_soft *soft);             // then these, of the first
void bench_soft_reduce(struct bench_soft *soft);
void bench_soft_present(struct bench_soft *soft);
