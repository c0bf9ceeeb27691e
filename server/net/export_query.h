#pragma once

#include "server/base/frame.h"

#include <stddef.h>
#include <stdint.h>

// The query of a URL that gives a frame again, "?mode=similarity&...": every field is said, so that no
// default matters. `from` is percent-encoded; nothing else needs to be.
struct fl_export_query {
    char text[4096];
    size_t len;
};

// Of frame.npy: what the numbers depend on.
struct fl_export_query fl_export_values_query(const struct fl_frame *frame,
                                              const struct fl_state *state);
// Of frame.png: that and the colours. `w`: the width that was asked for; 0: none.
struct fl_export_query fl_export_picture_query(const struct fl_frame *frame,
                                               const struct fl_state *state, uint32_t w);
