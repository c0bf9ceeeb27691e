#version 310 es
// Pass 1: every cell's vector p against the reference r, one number a cell (README.md).
//
// CHORD, for all angles: |u - v|^2 of the unit vectors u of p and v of r; with SIGNED, beyond 2,
// -|u + v|^2. The others take the values as they are. Cells without a direction become NaN.

#define CHORD 0
#define DOT   1
#define L2    2
#define L1    3
#define LHALF 4

#ifndef FORM
#define FORM CHORD
#endif
#ifndef SIGNED // values below zero occur
#define SIGNED 0
#endif
#ifndef SHIFT // taken from every value: 0 nothing, 1 one number, 2 one number a cell
#define SHIFT 0
#endif
#ifndef REFERENCE // vec4 in the uniform block; 0: the reference lies in a texture
#define REFERENCE 1024
#endif

precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray map;   // (group of four channels, x, y) of one tile
layout(binding = 1) uniform sampler2DArray norms; // 1 / |p|; 0 where there is no direction
#if SHIFT == 2
layout(binding = 2) uniform sampler2DArray shifts;
#endif
#if REFERENCE > 0
layout(std140, binding = 0) uniform Reference
{
    vec4 reference[REFERENCE];
};
#else
layout(binding = 3) uniform sampler2D reference; // 1024 groups a row
#endif

uniform int groups;
uniform ivec3 tile;  // where the tile begins in its sheet, and the sheet
uniform ivec2 self;  // the reference's cell in this sheet; (-1, -1): in another
uniform float shift; // SHIFT 1
uniform vec4 last;   // 1 for each channel of the last group, 0 for padding
uniform float channels;
uniform vec2 scale;  // not CHORD: a power of two that keeps sums in range, and one over it

out float result;

// So many groups are summed before they join the total: few roundings, however long the vector.
const int BLOCK = 64;

vec4 apart, along; // sums of the block at hand, by channel
#if SHIFT == 2
vec4 tilt = vec4(0.0), tilt_along = vec4(0.0); // of the differences and sums themselves
#endif

vec4 reference_at(int g)
{
#if REFERENCE > 0
    return reference[g];
#else
    return texelFetch(reference, ivec2(g & 1023, g >> 10), 0);
#endif
}

void add(vec4 u, vec4 v)
{
#if FORM == DOT
    apart += u * v;
#elif FORM == L1
    apart += abs(u - v);
#elif FORM == LHALF
    apart += sqrt(abs(u - v));
#else
    vec4 difference = u - v;
    apart += difference * difference;
#if SHIFT == 2
    tilt += difference;
#endif
#endif
#if FORM == CHORD && SIGNED
    vec4 sum = u + v;
    along += sum * sum;
#if SHIFT == 2
    tilt_along += sum;
#endif
#endif
}

float total(vec4 sums)
{
    return (sums.x + sums.y) + (sums.z + sums.w);
}

float finish(float a, float b)
{
#if FORM == DOT
    float value = a * scale.y * scale.y;
#elif FORM == L2
    float value = sqrt(a) * scale.y;
#elif FORM == L1
    float value = a * scale.y;
#elif FORM == LHALF
    float value = a * a * scale.y;
#elif SIGNED
    // Never zero, so that the sign still tells which it is at the antipode.
    float value = a <= 2.0 ? a : -max(b, 1e-30);
#else
    float value = a;
#endif
    return clamp(value, -3.402823e38, 3.402823e38); // no infinities in statistics
}

void main()
{
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 at = cell - tile.xy;
    float norm = texelFetch(norms, ivec3(cell, tile.z), 0).r;
    float a = 0.0, b = 0.0;

#if SHIFT == 2
    float away = texelFetch(shifts, ivec3(cell, tile.z), 0).r;
#else
    float away = shift;
#endif
#if FORM == CHORD
    float factor = norm;
#else
    float factor = scale.x;
#endif
#if SHIFT > 0
    int whole = groups - 1; // the padding of the last must stay zero
#else
    int whole = groups;
#endif
    for (int begin = 0; begin < whole; begin += BLOCK) {
        int end = min(begin + BLOCK, whole);
        apart = vec4(0.0);
        along = vec4(0.0);
        for (int g = begin; g < end; g++) {
            vec4 p = texelFetch(map, ivec3(g, at), 0);
#if SHIFT > 0
            p -= away;
#endif
            add(p * factor, reference_at(g));
        }
        a += total(apart);
        b += total(along);
    }
#if SHIFT > 0
    apart = vec4(0.0);
    along = vec4(0.0);
    add((texelFetch(map, ivec3(whole, at), 0) - away) * factor * last, reference_at(whole));
    a += total(apart);
    b += total(along);
#endif
#if FORM == CHORD && SHIFT == 2
    // The means were rounded to float32, so u and v are off by a constant each. Both sums should be 0.
    a = max(a - total(tilt) * total(tilt) / channels, 0.0);
    b = max(b - total(tilt_along) * total(tilt_along) / channels, 0.0);
#endif
#if FORM == CHORD
    if (cell == self)
        a = 0.0;
#endif
    bool valid = norm > 0.0 && norm < 3.4e38;
    result = valid ? finish(a, b) : uintBitsToFloat(0x7fc00000u);
}
