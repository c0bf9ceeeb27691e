#pragma once

#include <stdint.h>

// Randomness that is the same on every run, for pictures that we draw. Pure.

// Smooth noise about 0, mostly within -0.7 and 0.7, with features of the size 1; `seed` chooses
// another one.
float fl_noise(float x, float y, uint32_t seed);
// The same summed over octaves, each half as large and half as strong: clouds, hills, grass.
float fl_noise_sum(float x, float y, int octaves, uint32_t seed);
// A number in 0 .. 1 for each whole point of the plane.
float fl_noise_cell(int32_t x, int32_t y, uint32_t seed);

struct fl_random {
    uint32_t state; // any number to begin with
};

float fl_random_unit(struct fl_random *random); // 0 .. 1
float fl_random_range(struct fl_random *random, float low, float high);
