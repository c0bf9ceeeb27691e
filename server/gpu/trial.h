#pragma once

#include "similarity.h"

// Which way of comparing one reference is the fastest here, timed on a map. What the driver takes to
// make the programs comes on top. GPU thread only.
struct fl_map;

// Whether this can be tried: all ways can draw it, and it is large enough to tell.
bool fl_trial_fits(const struct fl_similarity *self, const struct fl_similarity_task *task);
// Sets self->way, and logs why. `out` is drawn into; `map` is whose features the task has.
void fl_trial_run(struct fl_similarity *self, const struct fl_similarity_task *task,
                  const struct fl_map *map, const struct fl_raster *out);
