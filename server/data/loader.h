#pragma once

#include "map.h"
#include "picture.h"

#include "server/base/frame.h"

// The loader thread: everything that reads files or computes for long, off the other threads.
struct fl_loader;

// One map's load, finished; *error.code is FL_OK or why not. Called on the loader thread.
typedef void (*fl_loaded_fn)(void *user, struct fl_map *map, enum fl_norms norms,
                             const struct fl_error *error);

struct fl_loader *fl_loader_create(fl_loaded_fn loaded, fl_frame_fn pictured, void *user);
void fl_loader_destroy(struct fl_loader *loader); // finishes what was sent; NULL is fine

// Any thread. Makes the map ready (takes its own reference until `loaded` returned).
void fl_loader_load(struct fl_loader *loader, struct fl_map *map, enum fl_norms norms);
// Any thread. A frame without a map: its picture, at most render.w wide (0: as it is). Where the file's
// own bytes serve, image and enc are filled (enc PNG or JPEG); else pixels (3 channels) for the encoder.
// A frame WITH a map: only makes its picture loaded. Hands it on to `pictured` in either case.
void fl_loader_picture(struct fl_loader *loader, struct fl_frame *frame);
