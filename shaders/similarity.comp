#version 310 es
// Pass 1 for several references at once, CHORD alone (similarity.frag has the other forms): every
// cell's values are fetched once, and the squares of their distance to each reference summed.
//
// An invocation takes PIXELS cells of one row, eight apart, so that what it reads of the references serves
// all of them. Sums are named by constants throughout: loops over them would make them memory.
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp image2DArray;

#ifndef REFS // 1, 2, 4, 8 or 16
#define REFS 1
#endif
#ifndef PIXELS // 2, 4, 8 or 16
#define PIXELS 8
#endif
#ifndef ROWS // of a work group
#define ROWS 4
#endif
#ifndef SIGNED // values below zero occur
#define SIGNED 0
#endif
#ifndef REFERENCE // vec4 in the uniform block
#define REFERENCE 1024
#endif

layout(local_size_x = 8, local_size_y = ROWS) in;

layout(binding = 0) uniform sampler2DArray map;   // (group of four channels, x, y) of one tile
layout(binding = 1) uniform sampler2DArray norms; // 1 / |p|; 0 where there is no direction
layout(r32f, binding = 0) writeonly uniform image2DArray chords; // all sheets of reference 0, of 1, ...
layout(std140, binding = 0) uniform Reference
{
    vec4 reference[REFERENCE]; // group 0 of each reference, group 1 of each, ...
};

uniform int groups;
uniform ivec3 tile;      // where the tile begins in its sheet, and the sheet
uniform ivec2 size;      // of the tile
uniform int sheets;
uniform ivec2 self[REFS]; // the references' cells in this sheet; (-1, -1): in another
uniform float shift;     // taken from every value
uniform vec4 last;       // 1 for each channel of the last group, 0 for padding

// So many groups are summed before they join the total: few roundings, however long the vector.
const int BLOCK = 64;

#if PIXELS == 16
#define EACH_PIXEL(DO, k) \
    DO(0, k) DO(1, k) DO(2, k) DO(3, k) DO(4, k) DO(5, k) DO(6, k) DO(7, k) \
    DO(8, k) DO(9, k) DO(10, k) DO(11, k) DO(12, k) DO(13, k) DO(14, k) DO(15, k)
#elif PIXELS == 8
#define EACH_PIXEL(DO, k) \
    DO(0, k) DO(1, k) DO(2, k) DO(3, k) DO(4, k) DO(5, k) DO(6, k) DO(7, k)
#elif PIXELS == 4
#define EACH_PIXEL(DO, k) DO(0, k) DO(1, k) DO(2, k) DO(3, k)
#else
#define EACH_PIXEL(DO, k) DO(0, k) DO(1, k)
#endif
#if REFS == 1
#define EACH_REF(DO) DO(0)
#elif REFS == 2
#define EACH_REF(DO) DO(0) DO(1)
#elif REFS == 4
#define EACH_REF(DO) DO(0) DO(1) DO(2) DO(3)
#elif REFS == 8
#define EACH_REF(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#else
#define EACH_REF(DO) \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) \
    DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)
#endif

float apart[REFS * PIXELS], total_apart[REFS * PIXELS];
#if SIGNED
float along[REFS * PIXELS], total_along[REFS * PIXELS];
#endif
float factor[PIXELS];
vec4 u[PIXELS];

#define AT(p, k) ((k) * PIXELS + (p))

ivec2 cell_of(int p)
{
    return ivec2((int(gl_WorkGroupID.x) * PIXELS + p) * 8 + int(gl_LocalInvocationID.x),
                 int(gl_GlobalInvocationID.y));
}

// Beyond the tile's edge, the last cell again.
ivec2 fetched(int p)
{
    return min(cell_of(p), size - 1);
}

float finish(float a, float b)
{
    // Never zero, so that the sign still tells which it is at the antipode.
    float value = a <= 2.0 || SIGNED == 0 ? a : -max(b, 1e-30);
    return clamp(value, -3.402823e38, 3.402823e38); // no infinities in statistics
}

void store(int p, int k, float value)
{
    ivec2 cell = cell_of(p);
    bool valid = factor[p] > 0.0 && factor[p] < 3.4e38;

    if (cell.x >= size.x || cell.y >= size.y)
        return;
    cell += tile.xy;
    if (cell == self[k])
        value = 0.0;
    value = valid ? value : uintBitsToFloat(0x7fc00000u);
    imageStore(chords, ivec3(cell, k * sheets + tile.z), vec4(value));
}

void main()
{
#define FACTOR(p, k) factor[p] = texelFetch(norms, ivec3(fetched(p) + tile.xy, tile.z), 0).r;
    EACH_PIXEL(FACTOR, 0)
#if SIGNED
#define CLEAR_TOTAL(p, k) total_apart[AT(p, k)] = 0.0; total_along[AT(p, k)] = 0.0;
#define CLEAR(p, k) apart[AT(p, k)] = 0.0; along[AT(p, k)] = 0.0;
#define JOIN(p, k) total_apart[AT(p, k)] += apart[AT(p, k)]; total_along[AT(p, k)] += along[AT(p, k)];
#define ADD(p, k) apart[AT(p, k)] += dot(u[p] - v, u[p] - v); along[AT(p, k)] += dot(u[p] + v, u[p] + v);
#define STORE(p, k) store(p, k, finish(total_apart[AT(p, k)], total_along[AT(p, k)]));
#else
#define CLEAR_TOTAL(p, k) total_apart[AT(p, k)] = 0.0;
#define CLEAR(p, k) apart[AT(p, k)] = 0.0;
#define JOIN(p, k) total_apart[AT(p, k)] += apart[AT(p, k)];
#define ADD(p, k) apart[AT(p, k)] += dot(u[p] - v, u[p] - v);
#define STORE(p, k) store(p, k, finish(total_apart[AT(p, k)], 0.0));
#endif
#define CLEAR_TOTALS(k) EACH_PIXEL(CLEAR_TOTAL, k)
#define CLEAR_ALL(k) EACH_PIXEL(CLEAR, k)
#define JOIN_ALL(k) EACH_PIXEL(JOIN, k)
#define FETCH(p, k) u[p] = (texelFetch(map, ivec3(g, fetched(p)), 0) - away) * factor[p];
#define ADD_ALL(k) { vec4 v = reference[g * REFS + (k)]; EACH_PIXEL(ADD, k) }
#define STORE_ALL(k) EACH_PIXEL(STORE, k)
    EACH_REF(CLEAR_TOTALS)
    for (int begin = 0; begin < groups; begin += BLOCK) {
        int end = min(begin + BLOCK, groups);
        EACH_REF(CLEAR_ALL)
        for (int g = begin; g < end; g++) {
            vec4 away = g < groups - 1 ? vec4(shift) : shift * last; // padding must stay zero
            EACH_PIXEL(FETCH, 0)
            EACH_REF(ADD_ALL)
        }
        EACH_REF(JOIN_ALL)
    }
    EACH_REF(STORE_ALL)
}
