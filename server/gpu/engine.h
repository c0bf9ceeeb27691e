#pragma once

#include "limits.h"

#include "server/base/frame.h"

// Everything that lives in one context: the maps, the pictures, the passes, the way back. When the
// context is lost all of it goes, and a new engine takes its place. GPU thread only.
struct fl_engine;
struct fl_gpu_info;
struct fl_gpu_options;

// NULL and a sentence without a usable GPU.
struct fl_engine *fl_engine_create(const struct fl_gpu_options *options,
                                   const struct fl_tuning *tuning, struct fl_error *error);
void fl_engine_destroy(struct fl_engine *engine); // NULL is fine; no frame is in it any more
void fl_engine_describe(const struct fl_engine *engine, struct fl_gpu_info *out);

// Of a frame that went through fl_answer:
bool fl_engine_is_ready(struct fl_engine *engine, const struct fl_frame *frame); // all is uploaded
// One slice of what is not. On an error the frame's `error` is set.
enum fl_err fl_engine_upload(struct fl_engine *engine, struct fl_frame *frame) FL_CHECKED;

// For an idle moment: makes something that is needed sooner or later. False: there is nothing left.
bool fl_engine_prepare(struct fl_engine *engine);
void fl_engine_forget(struct fl_engine *engine, const struct fl_map *map); // gives its memory back

bool fl_engine_has_room(struct fl_engine *engine); // for fl_engine_begin
// Frames in their order, the first of them ready and drawn next: compares with their map all that one
// pass serves together with the first.
void fl_engine_compare(struct fl_engine *engine, struct fl_frame *const *frames, size_t n);
uint64_t fl_engine_passes(const struct fl_engine *engine); // over maps, so far
// Draws a ready frame. False: it failed, and the frame's `error` is set. True: the engine holds it
// until fl_engine_take hands it back.
bool fl_engine_begin(struct fl_engine *engine, struct fl_frame *frame);
bool fl_engine_is_busy(struct fl_engine *engine); // holds frames
// The oldest frame, finished; waits at most so long. NULL: not yet.
struct fl_frame *fl_engine_take(struct fl_engine *engine, uint64_t nanoseconds);
struct fl_frame *fl_engine_abandon(struct fl_engine *engine); // the oldest as it is; NULL: none

// Nothing else is to be done: finds out which way of comparing is the fastest, by a map of the frames
// drawn before, once. False: there was nothing to find out.
bool fl_engine_try(struct fl_engine *engine);

bool fl_engine_is_lost(const struct fl_engine *engine); // the context was reset
