#version 310 es
// Pass 1a, where there are several references: of each cell's numbers the one that is nearest. Those
// made last lie in one array, all sheets of one reference behind those of another; `held` is what earlier
// ones left.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray made;
layout(binding = 1) uniform sampler2DArray held;

uniform int sheet;
uniform int sheets;  // of each reference
uniform ivec2 range; // the first reference in `made`, and one behind the last
uniform bool joins;  // `held` counts
uniform int nearest; // 0: chords, 1: the largest, 2: the smallest

out float result;

bool is_nearer(float a, float b)
{
    if (nearest == 1)
        return a > b;
    // Chords below zero are those beyond a right angle: the farther the nearer to zero.
    bool alike = nearest == 2 || (a >= 0.0) == (b >= 0.0);
    return alike ? a < b : a >= 0.0;
}

// Cells without a direction are NaN in all of them, and whichever is taken is one.
void main()
{
    ivec2 cell = ivec2(gl_FragCoord.xy);
    float value = texelFetch(made, ivec3(cell, range.x * sheets + sheet), 0).r;

    for (int k = range.x + 1; k < range.y; k++) {
        float other = texelFetch(made, ivec3(cell, k * sheets + sheet), 0).r;
        value = is_nearer(other, value) ? other : value;
    }
    if (joins) {
        float other = texelFetch(held, ivec3(cell, sheet), 0).r;
        value = is_nearer(other, value) ? other : value;
    }
    result = value;
}
