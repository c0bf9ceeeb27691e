#pragma once

#include "server/data/references.h"

// The passes of the software engine for bench_pass, over a loaded map. One thread; the engine's own
// are as many as there are cores.
struct bench_soft;

// `map` and its 16 references are borrowed. NULL without memory.
struct bench_soft *bench_soft_create(struct fl_map *map, const struct fl_references *references);
void bench_soft_destroy(struct bench_soft *soft); // NULL is fine

void bench_soft_compare(struct bench_soft *soft, size_t n); // with up to 16 references
// A frame of levels, as the engine draws it: of another reference than the last one's, or of the same,
// whose comparison it still has.
void bench_soft_frame(struct bench_soft *soft, enum fl_stretch_kind kind, bool compared);
