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

// Four counts a word: an invocation sees at most 64 cells. In words of its own rather than by atomic additions
// to shared ones, which software renderers make one after the other. Named by constants: else memory.
#define EACH_WORD(DO) \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) \
    DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)
uint own[16];

shared uint group_words[16 * 64]; // those of invocation 0, of 1, ...
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

    int step = clamp(int((0.5 * value - from) * per), 0, 63), word = step >> 2;
    uint one = counts ? 1u << ((step & 3) * 8) : 0u;
#define COUNT(k) own[k] += word == k ? one : 0u;
    EACH_WORD(COUNT)
    bool best_yet = counts && away && key_of(value) == wanted;
    first_best = min(first_best, best_yet ? index : 0xffffffffu);
}

// One word of a quarter of the invocations; 16 times 64 takes more than eight bits.
void add_up(int lane)
{
    int word = lane & 15, first = word * 64 + (lane >> 4) * 16;
    uint even = 0u, odd = 0u;

    for (int k = 0; k < 16; k++) {
        uint counts = group_words[first + k];
        even += counts & 0xff00ffu;
        odd += (counts >> 8) & 0xff00ffu;
    }
    atomicAdd(group_hist[4 * word], even & 0xffffu);
    atomicAdd(group_hist[4 * word + 1], odd & 0xffffu);
    atomicAdd(group_hist[4 * word + 2], even >> 16);
    atomicAdd(group_hist[4 * word + 3], odd >> 16);
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
#define CLEAR(k) own[k] = 0u;
    EACH_WORD(CLEAR)
    barrier();
    // Two loops, as in range.comp.
    bool near = is_near(rect.xy + at);
    at += ivec2(lane & 7, lane >> 3);
    int far_end = near ? at.y : end.y, near_end = near ? end.y : at.y;
    for (int y = at.y; y < far_end; y += 8)
        for (int x = at.x; x < end.x; x += 8)
            visit(ivec2(x, y), true);
    for (int y = at.y; y < near_end; y += 8)
        for (int x = at.x; x < end.x; x += 8)
            visit(ivec2(x, y), is_away(rect.xy + ivec2(x, y)));
#define HAND_IN(k) group_words[k * 64 + lane] = own[k];
    EACH_WORD(HAND_IN)
    if (first_best != 0xffffffffu)
        atomicMin(best, first_best);
    barrier();
    add_up(lane);
    barrier();
    if (group_hist[lane] > 0u)
        atomicAdd(hist[lane], group_hist[lane]);
}
