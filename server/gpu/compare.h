#pragma once

#include "cellwise.h"
#include "resident.h"
#include "score.h"
#include "similarity.h"

#include "server/base/frame.h"

// Pass 1 of frames, with all their references, and what is kept of it (score.h). Frames went through
// fl_answer; their map is resident with the norms they need. GPU thread only.
struct fl_compare {
    struct fl_limits limits;
    struct fl_similarity similarity;
    struct fl_scores scores;
};

void fl_compare_init(struct fl_compare *self, const struct fl_limits *limits);
void fl_compare_finish(struct fl_compare *self); // zeroed is fine

// Frames of which the first is about to be drawn: where one pass over its map serves others of them
// too, that pass is made now, and fl_compare_draw finds what it needs of it.
void fl_compare_together(struct fl_compare *self, struct fl_frame *const *frames, size_t n,
                         const struct fl_resident *resident);

// The numbers asked for, one a cell of the map; from what is kept where that serves. NULL (and
// logged) when the driver has no room or cannot.
const struct fl_raster *fl_compare_draw(struct fl_compare *self, const struct fl_cellwise *cellwise,
                                        const struct fl_frame *frame,
                                        const struct fl_resident *resident);
