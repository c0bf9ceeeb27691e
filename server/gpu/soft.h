#pragma once

#include "server/base/frame.h"

#include <stdbool.h>
#include <stddef.h>

// The software engine: similarities, statistics and levels in C, straight over the map's values
// where they lie. It stands in for the GPU where GL is software itself: several times faster, no
// upload, no limit of size. Colour pictures remain GL's. GPU thread only (with a crew of its own).
struct fl_soft;

enum { FL_SOFT_MOST = FL_MAX_REFS }; // frames drawn together

struct fl_soft *fl_soft_create(unsigned threads, uint64_t memory); // bytes for copies of maps
void fl_soft_destroy(struct fl_soft *soft);                        // NULL is fine

// What is kept of this map goes.
void fl_soft_forget(struct fl_soft *soft, const struct fl_map *map);

bool fl_soft_can(const struct fl_frame *frame); // of a frame that went through fl_answer

// Whether one pass over the map serves both.
bool fl_soft_together(const struct fl_frame *a, const struct fl_frame *b);

// Draws up to FL_SOFT_MOST frames of which each is `together` with the first, and hands each on with
// `done` as soon as it is finished. On an error a frame's `error` is set.
void fl_soft_draw(struct fl_soft *soft, struct fl_frame *const *frames, size_t n, fl_frame_fn done,
                  void *user);
