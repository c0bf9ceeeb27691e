#pragma once

#include "catalogue.h"

#include "proto/err.h"

#include <stdint.h>

// Which axis of an array is height, width and channels: told, or found by the shape of the
// picture: exactly one plausible reading wins, none and two are a refusal that says both. Without a
// picture it is (H, W, C), logged together with the other reading. Pure but for the log.

// What is known besides the array. All-zero: nothing.
struct fl_layout_hint {
    enum fl_layout layout; // AUTO: find out
    bool otherwise;   // layout is for files that do not say theirs; else it stands over the file's
    bool bfloat16;    // what NumPy saved as raw pairs of bytes (V2) is that
    uint64_t grid[2]; // tokens: rows and columns of the cells they are; 0, 0: not said
    uint64_t skip;    // tokens: so many (class, registers) come before the first cell's
    double size[2];   // width and height of the rectangle that the map covers; 0, 0: unknown
    bool of_picture;  // size is the whole picture's, for want of a better one
};

// The array's axes that are rows, columns and channels. A leading axis of length 1 is none of them.
// Tokens: rows and columns are one axis, with skip and then grid[0] * grid[1] of them; else these
// are 0.
struct fl_layout_axes {
    unsigned y, x, c;
    uint64_t grid[2], skip;
};

// `what` begins the sentences: the file's name. Refuses shapes that are no map, empty ones,
// and ties; limits are fl_map_shape_check's.
enum fl_err fl_layout_decide(const char *what, const uint64_t *dims, unsigned n_dims,
                             const struct fl_layout_hint *hint, struct fl_layout_axes *out,
                             struct fl_error *error) FL_CHECKED;

// Whether an array of so many axes can be a map at all under this hint: for files of many arrays,
// whose others are none of our business.
bool fl_layout_may_be(unsigned n_dims, const struct fl_layout_hint *hint);

// "(2, 3, 4)" into out, which it returns; cut where it does not fit.
char *fl_layout_shape_text(char *out, size_t size, const uint64_t *dims, unsigned n_dims);
