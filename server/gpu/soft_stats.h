#pragma once

#include "reduce.h"

// Pass 2 of the software engine: what reduce.h finds on the GPU, from numbers in host memory.
struct fl_crew;

struct fl_soft_cells_of { // one number a cell, NaN where invalid
    const float *values;
    int32_t w, h;
};

// What else is to be done to each row, on any thread, while it is in the cache; NULL: nothing.
struct fl_soft_along {
    void (*before)(void *user, int32_t from, int32_t to); // fills these rows of the cells
    void (*after)(void *user, int32_t from, int32_t to);  // out's lo and hi are there
    void *user;
};

void fl_soft_stats(struct fl_crew *crew, const struct fl_soft_cells_of *cells,
                   const struct fl_reduce_task *task, const struct fl_soft_along *along,
                   struct fl_stats *out);
