#version 310 es
// Pass 1 for one channel, or for the norm |p|; NaN where a cell is invalid.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray map;   // (group of four channels, x, y) of one tile
layout(binding = 1) uniform sampler2DArray norms; // 1 / |p|; 0: invalid

uniform ivec3 tile;  // where the tile begins in its sheet, and the sheet
uniform int channel; // -1: the norm

out float result;

void main()
{
    ivec2 cell = ivec2(gl_FragCoord.xy);
    float norm = texelFetch(norms, ivec3(cell, tile.z), 0).r;
    float value = 1.0 / norm;

    if (channel >= 0) {
        vec4 group = texelFetch(map, ivec3(channel >> 2, cell - tile.xy), 0);
        value = group[channel & 3];
    }
    bool valid = norm > 0.0 && norm < 3.4e38;
    result = valid ? value : uintBitsToFloat(0x7fc00000u);
}
