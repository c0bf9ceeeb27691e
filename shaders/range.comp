#version 310 es
// Pass 2a: smallest and largest value, of all valid cells and of those away from the references.
// A work group takes a square of 64 x 64 cells, an invocation every eighth of every eighth row of it: neighbours
// read what lies side by side.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(local_size_x = 64) in;

layout(std430, binding = 0) buffer Stats
{
    float lo, hi;              // the stretch
    uint low, high;            // of all valid cells, as keys
    uint low_away, high_away;  // of those outside the 3 x 3 blocks around the references
    uint valid, best;          // how many; the first of the best cells outside the blocks
    uint rank[4], prefix[4];   // percentiles: what select.comp and rank.comp look for
    uint hist[64];
    uint digits[1024];
};

layout(binding = 0) uniform sampler2DArray cells;

uniform int sheet;
uniform ivec4 rect;      // the sheet's first cell in the map, its width and height
uniform ivec2 blocks[16]; // the references
uniform int n_blocks;
uniform ivec4 region;    // a region as reference, half-open, with a border of one cell

shared uint group_low, group_high, group_low_away, group_high_away, group_valid;

// Unsigned integers in the order of the floats.
uint key_of(float value)
{
    uint bits = floatBitsToUint(value);
    return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}

bool is_away(ivec2 cell)
{
    bool away = true;
    for (int k = 0; k < n_blocks; k++) {
        ivec2 distance = abs(cell - blocks[k]);
        away = away && max(distance.x, distance.y) > 1;
    }
    return away && (any(lessThan(cell, region.xy)) || any(greaterThanEqual(cell, region.zw)));
}

// Whether a block may reach into the square of 64 x 64 cells that begins here.
bool is_near(ivec2 first)
{
    bool near = false;
    for (int k = 0; k < n_blocks; k++) {
        ivec2 distance = blocks[k] - first;
        near = near || (min(distance.x, distance.y) >= -1 && max(distance.x, distance.y) <= 64);
    }
    return near || (all(lessThan(first, region.zw)) && all(greaterThan(first + 64, region.xy)));
}

uint lowest = 0xffffffffu, highest = 0u, lowest_away = 0xffffffffu, highest_away = 0u, n = 0u;

void visit(ivec2 at, bool away)
{
    float value = texelFetch(cells, ivec3(at, sheet), 0).r;
    uint key = key_of(value);
    bool counts = (floatBitsToUint(value) & 0x7fffffffu) <= 0x7f800000u;
    uint low_key = counts ? key : 0xffffffffu, high_key = counts ? key : 0u;

    n += counts ? 1u : 0u;
    lowest = min(lowest, low_key);
    highest = max(highest, high_key);
    lowest_away = min(lowest_away, away ? low_key : 0xffffffffu);
    highest_away = max(highest_away, away ? high_key : 0u);
}

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 at = ivec2(gl_WorkGroupID.xy) * 64;
    ivec2 end = min(at + 64, rect.zw);

    if (lane == 0) {
        group_low = group_low_away = 0xffffffffu;
        group_high = group_high_away = group_valid = 0u;
    }
    barrier();
    // Most squares have no block in them. Two loops, since a software renderer goes through both sides
    // of an `if` in a loop.
    bool near = is_near(rect.xy + at);
    at += ivec2(lane & 7, lane >> 3);
    int far_end = near ? at.y : end.y, near_end = near ? end.y : at.y;
    for (int y = at.y; y < far_end; y += 8)
        for (int x = at.x; x < end.x; x += 8)
            visit(ivec2(x, y), true);
    for (int y = at.y; y < near_end; y += 8)
        for (int x = at.x; x < end.x; x += 8)
            visit(ivec2(x, y), is_away(rect.xy + ivec2(x, y)));
    atomicMin(group_low, lowest);
    atomicMax(group_high, highest);
    atomicMin(group_low_away, lowest_away);
    atomicMax(group_high_away, highest_away);
    atomicAdd(group_valid, n);
    barrier();
    if (lane == 0) {
        atomicMin(low, group_low);
        atomicMax(high, group_high);
        atomicMin(low_away, group_low_away);
        atomicMax(high_away, group_high_away);
        atomicAdd(valid, group_valid);
    }
}
