#pragma once

#include "similarity.h"

// Which way of comparing one reference is the fastest here, timed on a map. What the driver takes to
// make the programs comes on top. GPU thread only.
struct fl_limits;
struct fl_resident;

// Sets self->way by a map in GPU memory, and logs why. Leaves it as it is where the map tells nothing: it
// is too small, or not all ways can draw it.
void fl_trial_run(struct fl_similarity *self, const struct fl_resident *resident,
                  const struct fl_limits *limits);
