#pragma once

#include "array.h"
#include "picture.h"

// An array of a file as the scene's picture: uint8 of (H, W, 3), (H, W, 4) - straight alpha, which
// lies over white -, (H, W, 1) or (H, W), a 1 in front of either of the first three being no matter.

bool fl_array_is_picture(const struct fl_array *array);

// As fl_array_source, for the picture's pixels.
enum fl_err fl_array_picture_source(const char *what, const struct fl_array *array, size_t data,
                                    struct fl_map_source *out, struct fl_error *error) FL_CHECKED;

// Takes the source, whose values lie in memory or can be unpacked. `what` names it in sentences.
struct fl_picture *fl_array_picture(const char *what, struct fl_map_source *source);
