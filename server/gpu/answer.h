#pragma once

#include "server/base/frame.h"

#include <stdbool.h>

// What can be said of a frame without the GPU. GPU thread only.
enum { FL_ANSWERS_KEPT = 8 };

struct fl_answers {                              // regions gone through last; zeroed is fine
    struct fl_references *kept[FL_ANSWERS_KEPT]; // shared references
    unsigned next;
};

void fl_answers_finish(struct fl_answers *self);

// Fills in the references and the vector from host memory, and the numbers of nothing. True: that was
// all, `error` or invalid_ref says why, and the frame needs no GPU.
bool fl_answer(struct fl_answers *self, struct fl_frame *frame);

// Memory for frame->pixels by what is asked: w, h, channels. False, and the error set: there is none.
bool fl_answer_make_room(struct fl_frame *frame);

// How many vectors a pass compares for it: 0 for channels and norms.
size_t fl_answer_vectors(const struct fl_frame *frame);
