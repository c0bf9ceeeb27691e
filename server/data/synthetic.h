#pragma once

#include "proto/err.h"

#include <stdint.h>

struct fl_map;

// Maps to measure with: values as after a ReLU, half of them zero and the others anywhere in (0, 1).
// Always the same ones.

// The next value; *state begins as 1.
float fl_synthetic_value(uint32_t *state);
// One reference to a map of them, not loaded; NULL and a sentence without memory.
struct fl_map *fl_synthetic_map(int32_t w, int32_t h, int32_t d, struct fl_error *error);
