#version 310 es
// Pass 2d, percentiles only: the digit in which the order statistic of rank[k] lies joins prefix[k].
// Percentiles p and q lie between two order statistics each: k = 0, 1 and 2, 3.
precision highp float;
precision highp int;

layout(local_size_x = 4) in;

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

uniform bool first;
uniform uvec2 fractions; // p / 100 and q / 100 of 2^32; 0xffffffff: 1

// The rank of the order statistic at or below a percentile, in integers: float32 has too few digits.
uint rank_of(uint fraction)
{
    uint whole, part;
    umulExtended(fraction, valid - 1u, whole, part);
    return fraction == 0xffffffffu ? valid - 1u : whole;
}

void main()
{
    int k = int(gl_LocalInvocationID.x);
    int row = first ? 0 : k * 256; // the first round counted once for all
    uint left = rank[k], digit = 0u;

    if (first && valid > 0u) {
        left = min(rank_of(fractions[k >> 1]) + uint(k & 1), valid - 1u);
    }
    for (; digit < 255u && left >= digits[row + int(digit)]; digit++)
        left -= digits[row + int(digit)];
    rank[k] = left;
    prefix[k] = prefix[k] << 8 | digit;
    barrier(); // all have read before any clears
    for (int i = 0; i < 256; i++)
        digits[k * 256 + i] = 0u;
}
