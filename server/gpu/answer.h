#pragma once

#include "server/base/frame.h"

// What can be said of a frame without the GPU. Any thread.

// Fills in the reference's vector from host memory, and the numbers of nothing. True: that was all,
// `error` or invalid_ref says why, and the frame needs no GPU.
bool fl_answer(struct fl_frame *frame);

// Memory for frame->pixels by what is asked: w, h, channels. False, and the error set: there is none.
bool fl_answer_make_room(struct fl_frame *frame);

// Whether there is exactly one reference that similarities are measured from.
bool fl_answer_has_ref(const struct fl_frame *frame);
