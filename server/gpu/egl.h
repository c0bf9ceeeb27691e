#pragma once

#include "proto/err.h"

#include <stdbool.h>

// A headless OpenGL ES 3.1 context, current on the thread that made it and never on another. One at a
// time; no window system, no surface.
struct fl_egl;

// `which`: "auto", the number of a device, "/dev/dri/..." or "cuda:N". A software renderer is taken
// only where `software` allows it. NULL and a sentence without a context.
struct fl_egl *fl_egl_create(const char *which, bool software, struct fl_error *error);
void fl_egl_destroy(struct fl_egl *egl); // NULL is fine

bool fl_egl_is_software(const struct fl_egl *egl);
unsigned fl_egl_reset_status(const struct fl_egl *egl); // 0: the context is alive
