#pragma once

#include "export.h"

// Everything that is needed to make a frame again, as JSON text, malloc'ed; NULL without memory. Names
// are those of the wire. `picture`: the size of the scene's, or 0, 0; `w`: the width that was asked
// for, or 0. URLs are relative to frame.json's own.
char *fl_export_frame_json(const struct fl_frame *frame, const struct fl_state *state,
                           const struct fl_export_names *names, const int32_t picture[2],
                           uint32_t w);
