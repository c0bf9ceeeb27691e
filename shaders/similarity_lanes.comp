#version 310 es
// Pass 1 for one reference, CHORD alone, in the form that hardware likes: 32 lanes share a cell and go
// over its channels side by side, so that they read what lies side by side, and join their sums in
// shared memory.
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp image2DArray;

#ifndef BUFFER // the values lie in a buffer, in the file's order; else in the texture
#define BUFFER 0
#endif
#ifndef SIGNED // values below zero occur
#define SIGNED 0
#endif
#ifndef REFERENCE // vec4 in the uniform block
#define REFERENCE 1024
#endif

const int LANES = 32, CELLS = 8;
layout(local_size_x = 32, local_size_y = 8) in;

#if BUFFER
layout(std430, binding = 0) readonly buffer Values
{
    vec4 values[]; // of one tile
};
#else
layout(binding = 0) uniform sampler2DArray map; // (group of four channels, x, y) of one tile
#endif
layout(binding = 1) uniform sampler2DArray norms; // 1 / |p|; 0 where there is no direction
layout(r32f, binding = 0) writeonly uniform image2DArray chords;
layout(std140, binding = 0) uniform Reference
{
    vec4 reference[REFERENCE];
};

uniform int groups;
uniform ivec3 tile;  // where the tile begins in its sheet, and the sheet
uniform ivec2 size;  // of the tile
uniform ivec2 self;  // the reference's cell in this sheet; (-1, -1): in another
uniform float shift; // taken from every value
uniform vec4 last;   // 1 for each channel of the last group, 0 for padding

// So many groups of a lane are summed before they join the total: few roundings.
const int BLOCK = 64 * LANES;

shared vec2 sums[CELLS][LANES]; // apart, along

vec4 fetch(int g, ivec2 at)
{
#if BUFFER
    return values[(at.y * size.x + at.x) * groups + g];
#else
    return texelFetch(map, ivec3(g, at), 0);
#endif
}

void main()
{
    int lane = int(gl_LocalInvocationID.x), row = int(gl_LocalInvocationID.y);
    ivec2 cell = ivec2(int(gl_WorkGroupID.x) * CELLS + row, int(gl_WorkGroupID.y));
    ivec2 at = min(cell, size - 1); // beyond the tile's edge, the last cell again
    float factor = texelFetch(norms, ivec3(at + tile.xy, tile.z), 0).r;
    vec2 total = vec2(0.0);

    for (int begin = lane; begin < groups; begin += BLOCK) {
        int end = min(begin + BLOCK, groups);
        vec2 sum = vec2(0.0);
        for (int g = begin; g < end; g += LANES) {
            vec4 away = g < groups - 1 ? vec4(shift) : shift * last; // padding must stay zero
            vec4 u = (fetch(g, at) - away) * factor, v = reference[g];
            sum.x += dot(u - v, u - v);
#if SIGNED
            sum.y += dot(u + v, u + v);
#endif
        }
        total += sum;
    }
    sums[row][lane] = total;
    for (int n = LANES / 2; n > 0; n /= 2) {
        memoryBarrierShared();
        barrier();
        if (lane < n)
            sums[row][lane] += sums[row][lane + n];
    }
    if (lane > 0 || cell.x >= size.x)
        return;
    total = sums[row][0];
    // Never zero, so that the sign still tells which it is at the antipode.
    float value = total.x <= 2.0 || SIGNED == 0 ? total.x : -max(total.y, 1e-30);
    cell += tile.xy;
    if (cell == self)
        value = 0.0;
    bool valid = factor > 0.0 && factor < 3.4e38;
    value = valid ? clamp(value, -3.402823e38, 3.402823e38) : uintBitsToFloat(0x7fc00000u);
    imageStore(chords, ivec3(cell, tile.z), vec4(value));
}
