#pragma once

#include "server/base/frame.h"

#include <stddef.h>

// Which form a moving scalar frame takes so that its bytes fit the link's budget: an exact PNG, a grey
// JPEG of falling quality, then half and quarter resolution. What a form takes is
// learned from the frames of this view. Pure.
struct fl_ladder {
    double jpeg; // bits a pixel of a JPEG at quality 90, full resolution
    double png;  // bits a pixel of a PNG
};

struct fl_rung {
    struct fl_encoding encoding; // NONE: a PNG if it fits the budget, else a JPEG of this quality
    int32_t shrink;              // 1, 2 or 4: by how much both sides are divided
};

void fl_ladder_init(struct fl_ladder *ladder);
// For a picture of so many pixels; budget 0: any number of bytes.
struct fl_rung fl_ladder_choose(const struct fl_ladder *ladder, size_t pixels, uint32_t budget);
// A frame came back from the encoder: what it took. `shrink` as chosen.
void fl_ladder_learn(struct fl_ladder *ladder, const struct fl_frame *frame, size_t bytes,
                     int32_t shrink);
