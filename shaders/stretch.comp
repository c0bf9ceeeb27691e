#version 310 es
// Pass 2e: lo and hi from the policy and what the passes before found.
precision highp float;
precision highp int;

layout(local_size_x = 1) in;

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

uniform int policy;     // enum fl_stretch_kind: minmax, around, percentile, fixed
uniform vec2 given;     // fixed: lo, hi
uniform uvec2 fractions; // percentile: as in rank.comp
uniform bool smallest;  // the smallest value is the best

float value_of(uint key)
{
    return uintBitsToFloat((key & 0x80000000u) != 0u ? key ^ 0x80000000u : ~key);
}

float percentile(uint fraction, uint below, uint above)
{
    uint whole, part;
    umulExtended(fraction, valid - 1u, whole, part);
    float between = fraction == 0xffffffffu ? 0.0 : float(part) / 4294967296.0;
    return mix(value_of(below), value_of(above), between);
}

void main()
{
    lo = value_of(low);
    hi = value_of(high);
    if (policy == 1 && low_away <= high_away) { // else nothing is left outside the blocks
        if (smallest)
            lo = value_of(low_away);
        else
            hi = value_of(high_away);
    } else if (policy == 2) {
        lo = percentile(fractions.x, prefix[0], prefix[1]);
        hi = percentile(fractions.y, prefix[2], prefix[3]);
    } else if (policy == 3) {
        lo = given.x;
        hi = given.y;
    }
    if (valid == 0u)
        lo = hi = uintBitsToFloat(0x7fc00000u);
}
