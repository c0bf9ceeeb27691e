#version 310 es
// Pass 2c, percentiles only: of the valid cells whose key begins with prefix[k], how many have each
// value of the next eight bits? Four rounds with rank.comp between find four exact order statistics.
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
uniform ivec4 rect; // the sheet's first cell in the map, its width and height
uniform int digit;  // which bits: 24, 16, 8, 0

shared uint group_digits[1024];

uint key_of(float value)
{
    uint bits = floatBitsToUint(value);
    return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}

void main()
{
    int lane = int(gl_LocalInvocationID.x);
    ivec2 at = ivec2(gl_WorkGroupID.xy) * 64;
    ivec2 end = min(at + 64, rect.zw);

    for (int i = lane; i < 1024; i += 64)
        group_digits[i] = 0u;
    barrier();
    int looked_for = digit == 24 ? 1 : 4; // nothing tells the four apart yet
    at.x += lane;
    for (; at.x < end.x && at.y < end.y; at.y++) {
        float value = texelFetch(cells, ivec3(at, sheet), 0).r;
        uint key = key_of(value);
        uint begins = digit < 24 ? key >> (digit + 8) : 0u;
        bool counts = (floatBitsToUint(value) & 0x7fffffffu) <= 0x7f800000u;
        for (int k = 0; counts && k < looked_for; k++) {
            if (begins == prefix[k])
                atomicAdd(group_digits[k * 256 + int((key >> digit) & 255u)], 1u);
        }
    }
    barrier();
    for (int i = lane; i < 1024; i += 64) {
        if (group_digits[i] > 0u)
            atomicAdd(digits[i], group_digits[i]);
    }
}
