#pragma once

#include "server/base/frame.h"

// A pool of threads that turn pixels into PNG or JPEG bytes, in the order that they finish.
struct fl_encode;

// `done` is called on an encoder thread, once per frame sent.
struct fl_encode *fl_encode_create(unsigned threads, fl_frame_fn done, void *user);
void fl_encode_destroy(struct fl_encode *encode); // finishes what was sent; NULL is fine

// Any thread; takes the frame. One with an error, an image already or no pixels passes as it is;
// values (FL_OUT_VALUES) are handed on as raw float32 bytes.
void fl_encode_send(struct fl_encode *encode, struct fl_frame *frame);
