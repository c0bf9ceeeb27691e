#pragma once

#include "proto/err.h"

#include <stddef.h>
#include <stdint.h>

struct fl_picture;

// The picture as the bytes of a JPEG file, malloc'ed: those of its own file where it is one, else
// encoded (quality 95, 4:4:4). Loads the picture then. `what` names it in sentences.
enum fl_err fl_overlay_jpeg(struct fl_picture *picture, const char *what, uint8_t **bytes,
                            size_t *len, struct fl_error *error) FL_CHECKED;
