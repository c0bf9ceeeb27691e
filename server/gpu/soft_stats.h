#pragma once

#include "reduce.h"

// Pass 2 of the software engine: what reduce.h finds on the GPU, from numbers in host memory.
struct fl_crew;

struct fl_soft_cells_of { // one number a cell, NaN where invalid
    const float *values;
    int32_t w, h;
};

void fl_soft_stats(struct fl_crew *crew, const struct fl_soft_cells_of *cells,
                   const struct fl_reduce_task *task, struct fl_stats *out);
