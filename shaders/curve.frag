#version 310 es
// Pass 1b: what pass 1 left of an angle becomes the number of the metric, less that of the negative
// references. Cheap, so that changing among angular, cosine and angle costs no pass over the map.
#ifndef SIGNS // references there are: 1 positive ones, 2 negative ones, 3 both
#define SIGNS 1
#endif

precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray chords; // similarity.frag, CHORD
#if SIGNS == 3
layout(binding = 1) uniform sampler2DArray unlike; // likewise, of the negative references
#endif

uniform int sheet;
uniform int curve; // 0: angular, 1: cosine, 2: angle in degrees

out float result;

// x + x^3 P(x^2) for 0 <= x <= 0.7085, within 8e-9 relatively: interpolated at Chebyshev's points.
// GLSL's own asin is off by up to 3e-4.
float arcsine(float x)
{
    float t = x * x;
    float p = 0.09572522507;
    p = p * t - 0.08137540952;
    p = p * t + 0.06483547119;
    p = p * t + 0.01011506608;
    p = p * t + 0.03204038400;
    p = p * t + 0.04453512536;
    p = p * t + 0.07500262167;
    p = p * t + 0.16666665635;
    return x + x * t * p;
}

float number_of(float chord)
{
    bool far = chord < 0.0; // |u + v|^2: the angle to the antipode
    float squared = abs(chord);
    float value = 0.0;

    if (curve == 1) {
        value = 1.0 - 0.5 * squared;
        value = far ? -value : value;
    } else {
        float angle = 2.0 * arcsine(min(0.5 * sqrt(squared), 0.7085));
        if (curve == 0) {
            value = 1.0 - angle * 0.6366197723675814;
            value = far ? -value : value;
        } else {
            value = angle * 57.29577951308232;
            value = far ? 180.0 - value : value;
        }
    }
    return value;
}

void main()
{
    ivec3 at = ivec3(ivec2(gl_FragCoord.xy), sheet);
    float chord = texelFetch(chords, at, 0).r;
    bool invalid = (floatBitsToUint(chord) & 0x7fffffffu) > 0x7f800000u;
    float value = number_of(chord);

#if SIGNS == 2
    value = -value;
#elif SIGNS == 3
    value -= number_of(texelFetch(unlike, at, 0).r);
#endif
    result = invalid ? chord : value;
}
