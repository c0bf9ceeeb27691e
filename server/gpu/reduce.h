#pragma once

#include "raster.h"

#include "server/base/render.h"

// Pass 2: what the whole map holds, found without reading it back: smallest and largest value, lo and hi of
// the stretch, a histogram, the best cell. All of it ends in a buffer of struct fl_stats, whose
// first two numbers the present passes read as a uniform block.

// As in range.comp, histogram.comp, select.comp, rank.comp, stretch.comp (std430).
enum { FL_STATS_STEPS = 64 }; // of the histogram, from the smallest value to the largest

struct fl_stats {
    float lo, hi; // NaN both when nothing is valid
    uint32_t low, high;
    uint32_t low_away, high_away;
    uint32_t valid, best; // best: row by row; UINT32_MAX: none
    uint32_t rank[4], prefix[4];
    uint32_t hist[FL_STATS_STEPS];
    uint32_t digits[1024];
};

enum { FL_STATS_READ = 8 * 4 + 2 * 16 + 64 * 4 }; // the bytes of it that the host wants

struct fl_reduce_task {
    // Borrowed; their 3 x 3 blocks are left out where `around` or `best` ask for it.
    const struct fl_cell *refs;
    uint32_t n_refs;   // at most FL_MAX_REFS
    int32_t region[4]; // of cells, half-open, likewise left out with a border of one cell; or empty
    bool smallest;     // small is near
    struct fl_stretch stretch;
};

struct fl_reduce_program {
    GLuint program;
    GLint u_sheet, u_rect, u_blocks, u_n_blocks, u_region,
        u_smallest; // -1 where a shader has no such
    GLint u_width, u_digit, u_first, u_given, u_policy, u_fractions;
};

struct fl_reduce {
    struct fl_reduce_program range, histogram, select, rank, stretch;
};

bool fl_reduce_init(struct fl_reduce *self); // false (and logged): a shader was refused
void fl_reduce_finish(struct fl_reduce *self);

// `stats`: a buffer of sizeof(struct fl_stats) bytes.
void fl_reduce_run(const struct fl_reduce *self, const struct fl_raster *cells,
                   const struct fl_reduce_task *task, GLuint stats);

float fl_stats_value(uint32_t key); // low, high and the like as numbers
