#version 310 es
// Pass 2b: how many valid cells lie in each of 64 equal steps from the smallest to the largest
// value, and which cell is the best one away from the references. After range.comp.
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
uniform uint width;      // of the map
uniform ivec2 blocks[16]; // the references
uniform int n_blocks;
uniform ivec4 region;    // a region as reference, half-open, with a border of one cell
uniform bool smallest; // the smallest value is the best

shared uint group_hist[64];

uint key_of(float value)
{
    uint bits = floatBitsToUint(value);
    return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}

float value_of(uint key)
{
    return uintBitsToFloat((key & 0x80000000u) != 0u ? key ^ 0x80000000u : ~key);
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

uint wanted, first_best = 0xffffffffu;
float from, per;

void visit(ivec2 at, bool away)
{
    float value = texelFetch(cells, ivec3(at, sheet), 0).r;
    bool counts = (floatBitsToUint(value) & 0x7fffffffu) <= 0x7f800000u;
    uint index = uint(rect.y + at.y) * width + uint(rect.x + at.x);

    if (counts)
        atomicAdd(group_hist[clamp(int((0.5 * value - from) * per), 0, 63)], 1u);
    bool best_yet = counts && away && key_of(value) == wanted;
    first_best = min(first_best, best_yet ? index : 0xffffffffu);
}

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 at = ivec2(gl_WorkGroupID.xy) * 64;
    ivec2 end = min(at + 64, rect.zw);

    wanted = smallest ? low_away : high_away;
    // Halves, so that no difference of two floats overflows.
    from = 0.5 * value_of(low);
    float span = 0.5 * value_of(high) - from;
    per = span > 0.0 ? 64.0 / span : 0.0;
    group_hist[lane] = 0u;
    barrier();
    // Two loops, as in range.comp.
    bool near = is_near(rect.xy + at);
    at.x += lane;
    end.y = at.x < end.x ? end.y : at.y;
    for (int y = near ? end.y : at.y; y < end.y; y++)
        visit(ivec2(at.x, y), true);
    for (int y = near ? at.y : end.y; y < end.y; y++)
        visit(ivec2(at.x, y), is_away(rect.xy + ivec2(at.x, y)));
    if (first_best != 0xffffffffu)
        atomicMin(best, first_best);
    barrier();
    if (group_hist[lane] > 0u)
        atomicAdd(hist[lane], group_hist[lane]);
}
