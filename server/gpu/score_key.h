#pragma once

#include "server/base/frame.h"

// What a pass over a map is known by, the same for either engine: renders with equal keys are made of
// the same numbers. Another stretch, window, size or metric of the angular family has the same key.
struct fl_score_key {   // zeroed before it is filled: compared as bytes
    uint64_t map, from; // ids; from: of the references' map
    int32_t mode, channel, form, norms;
    uint32_t n_refs;
    int32_t has_region;
    struct fl_cell refs[FL_MAX_REFS];
    int32_t region[4];
};

void fl_score_key_of(const struct fl_frame *frame, struct fl_score_key *out);
bool fl_score_key_equal(const struct fl_score_key *a, const struct fl_score_key *b);
