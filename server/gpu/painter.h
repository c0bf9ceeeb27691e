#pragma once

#include "cellwise.h"
#include "compare.h"
#include "present.h"
#include "readback.h"
#include "reduce.h"
#include "resident.h"

#include "server/base/frame.h"

// The passes of one frame, in their order:
//
//   features --similarity--> chords --curve--> cells --reduce--> lo, hi, histogram, best
//            --channel----------------------->       --shrink--> fewer cells
//                                                    --present--> levels, values or colours
//
// GPU thread only.
struct fl_painter {
    struct fl_limits limits;
    struct fl_compare compare;
    struct fl_cellwise cellwise;
    struct fl_reduce reduce;
    struct fl_present present;
    struct fl_raster shrunk; // of the last frame that had fewer pixels than cells
};

bool fl_painter_init(struct fl_painter *self, const struct fl_limits *limits);
void fl_painter_finish(struct fl_painter *self); // zeroed is fine

// All passes but the last, into *task; `stats`: a buffer of struct fl_stats. The frame went through
// fl_answer, its map is resident with the norms it needs. False: the driver failed, the frame's
// error says so.
bool fl_painter_prepare(struct fl_painter *self, struct fl_frame *frame,
                        const struct fl_resident *resident, const struct fl_backdrop *backdrop,
                        GLuint stats, struct fl_present_task *task);

// What is to be found out about the frame's numbers.
struct fl_reduce_task fl_painter_reduce_task(const struct fl_frame *frame);

// What a frame says of the statistics, once they are read.
void fl_painter_tell(struct fl_frame *frame, const struct fl_stats *stats);
