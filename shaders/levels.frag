#version 310 es
// Pass 4: 8-bit levels, round(255 s'); 0 where a cell is invalid.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray cells;
layout(std140, binding = 1) uniform Stretch
{
    vec4 stretch; // lo, hi
};

uniform ivec2 grid;   // log2 of a sheet's side, sheets in a row
uniform ivec2 origin; // the cell under the first fragment
uniform bool invert;  // distances: bright is near

out float result;

float value_at(ivec2 cell)
{
    ivec2 sheet = cell >> grid.x;
    ivec2 within = cell - (sheet << grid.x);
    return texelFetch(cells, ivec3(within, sheet.y * grid.y + sheet.x), 0).r;
}

// s' = (s - lo) / (hi - lo) in [0, 1]; halves, so that no difference overflows.
float stretched(float value)
{
    float span = 0.5 * stretch.y - 0.5 * stretch.x;
    float t = span > 0.0 ? clamp((0.5 * value - 0.5 * stretch.x) / span, 0.0, 1.0) : 0.5;
    return invert ? 1.0 - t : t;
}

void main()
{
    float value = value_at(origin + ivec2(gl_FragCoord.xy));
    bool invalid = (floatBitsToUint(value) & 0x7fffffffu) > 0x7f800000u;
    // Rounded here: how a driver rounds is its own affair.
    result = invalid ? 0.0 : floor(255.0 * stretched(value) + 0.5) / 255.0;
}
