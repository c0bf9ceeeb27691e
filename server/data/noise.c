#include "noise.h"

#include <math.h>

// Well mixed bits of three numbers (the finish of MurmurHash3, which is in the public domain).
static uint32_t mix(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 0x8da6b343U ^ y * 0xd8163841U ^ seed * 0xcb1ab31fU;

    h = (h ^ h >> 16) * 0x85ebca6bU;
    h = (h ^ h >> 13) * 0xc2b2ae35U;
    return h ^ h >> 16;
}

float fl_noise_cell(int32_t x, int32_t y, uint32_t seed)
{
    return (float)(mix((uint32_t)x, (uint32_t)y, seed) >> 8) / (float)(1 << 24);
}

// The slope that belongs to a lattice point, times the way from it.
static float slope(int32_t x, int32_t y, uint32_t seed, float dx, float dy)
{
    uint32_t bits = mix((uint32_t)x, (uint32_t)y, seed);
    float a = (float)(bits & 0xffff) / 32768.0F - 1, b = (float)(bits >> 16) / 32768.0F - 1;

    return a * dx + b * dy;
}

static float ease(float t)
{
    return t * t * t * (t * (t * 6 - 15) + 10);
}

float fl_noise(float x, float y, uint32_t seed)
{
    float left = floorf(x), top = floorf(y);
    int32_t i = (int32_t)left, j = (int32_t)top;
    float dx = x - left, dy = y - top, u = ease(dx), v = ease(dy);
    float a = slope(i, j, seed, dx, dy), b = slope(i + 1, j, seed, dx - 1, dy);
    float c = slope(i, j + 1, seed, dx, dy - 1), d = slope(i + 1, j + 1, seed, dx - 1, dy - 1);

    return a + u * (b - a) + v * (c - a + u * (a - b - c + d));
}

float fl_noise_sum(float x, float y, int octaves, uint32_t seed)
{
    float sum = 0, strength = 1;

    for (int i = 0; i < octaves; i++) {
        sum += strength * fl_noise(x, y, seed + (uint32_t)i);
        strength /= 2;
        x = x * 2 + 17.3F; // lattices must not lie on one another
        y = y * 2 + 5.7F;
    }
    return sum;
}

float fl_random_unit(struct fl_random *random)
{
    random->state++;
    return (float)(mix(random->state, 0x9e3779b9U, 77) >> 8) / (float)(1 << 24);
}

float fl_random_range(struct fl_random *random, float low, float high)
{
    return low + (high - low) * fl_random_unit(random);
}
