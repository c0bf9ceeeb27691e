#pragma once

#include "raster.h"
#include "score_key.h"
#include "server/data/metric.h"

// What the passes over the maps found last, kept: another stretch, window, size or metric of the
// angular family costs no pass over the map again. GPU thread only.
enum {
    FL_SCORES = 20,            // more than are compared together
    FL_SCORES_KEPT = 64 << 20, // bytes of all together, the one at hand left out
};

struct fl_score {
    struct fl_score_key key;
    bool filled; // `raw` and `unlike` hold what the key says
    bool has_like, has_unlike;
    struct fl_raster raw;    // chords with the nearest reference, or the numbers themselves
    struct fl_raster unlike; // chords with the nearest negative one; only where there is one
    struct fl_raster made;   // numbers made of chords, by
    enum fl_curve curve;     // this; NONE: not made
    uint64_t used;
};

struct fl_scores {
    struct fl_score list[FL_SCORES];
    uint64_t clock;
};

void fl_scores_finish(struct fl_scores *self); // zeroed is fine
// How many can be filled together and kept.
size_t fl_scores_together(int32_t w, int32_t h);
bool fl_scores_have(const struct fl_scores *self, const struct fl_score_key *key); // filled
// The one with this key, or another with rasters for this frame, not filled. NULL: the driver has no
// room.
struct fl_score *fl_scores_take(struct fl_scores *self, const struct fl_frame *frame,
                                const struct fl_limits *limits);
