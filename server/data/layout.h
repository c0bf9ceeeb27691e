#pragma once

#include "catalogue.h"

#include "proto/err.h"

#include <stdint.h>

// Which axis of an array is height, width and channels: told, or found by the shape of the
// picture, never guessed silently (DESIGN ruling 4). Pure but for the log.

// What is known besides the array. All-zero: nothing.
struct fl_layout_hint {
    enum fl_layout layout; // AUTO: find out
    double size[2];        // width and height of the rectangle that the map covers; 0, 0: unknown
};

// The array's axes that are rows, columns and channels. A leading axis of length 1 is none of them.
struct fl_layout_axes {
    unsigned y, x, c;
};

// `what` begins the sentences: the file's name. Refuses shapes that are no map, empty ones,
// and ties; limits are fl_map_shape_check's.
enum fl_err fl_layout_decide(const char *what, const uint64_t *dims, unsigned n_dims,
                             const struct fl_layout_hint *hint, struct fl_layout_axes *out,
                             struct fl_error *error) FL_CHECKED;

// "(2, 3, 4)" into out, which it returns; cut where it does not fit.
char *fl_layout_shape_text(char *out, size_t size, const uint64_t *dims, unsigned n_dims);
