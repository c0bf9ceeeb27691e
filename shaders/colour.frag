#version 310 es
// Pass 4 for a finished picture: C a + P (1 - a) with the colour C of the level, the input picture
// P and a = min(1, s' + opacity). P alone where a cell is invalid. Where there is no picture: a = 1,
// and black where invalid.
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray cells;
layout(binding = 1) uniform sampler2D colours; // 256 levels, one row a colour map
layout(binding = 2) uniform sampler2D picture;
layout(std140, binding = 1) uniform Stretch
{
    vec4 stretch; // lo, hi
};

uniform ivec2 grid;    // log2 of a sheet's side, sheets in a row
uniform ivec4 window;  // cells shown, half-open
uniform ivec2 offset;  // the pixel under the first fragment
uniform vec2 per;      // cells a pixel
uniform bool invert;   // distances: bright is near
uniform ivec2 colormap; // its row; 1: reversed
uniform float opacity;
uniform int under;     // enum fl_under: grey, colour, none
uniform vec4 place;    // where in the picture (0 .. 1) pixel 0 begins, and by how much one pixel moves
uniform float detail;  // the picture's mipmap level

out vec4 result;

float value_at(ivec2 cell)
{
    ivec2 sheet = cell >> grid.x;
    ivec2 within = cell - (sheet << grid.x);
    return texelFetch(cells, ivec3(within, sheet.y * grid.y + sheet.x), 0).r;
}

float stretched(float value)
{
    float span = 0.5 * stretch.y - 0.5 * stretch.x;
    float t = span > 0.0 ? clamp((0.5 * value - 0.5 * stretch.x) / span, 0.0, 1.0) : 0.5;
    return invert ? 1.0 - t : t;
}

void main()
{
    vec2 pixel = vec2(offset) + gl_FragCoord.xy; // its centre
    // A border that falls on a centre belongs to the cell after it, however this was rounded.
    ivec2 cell = min(window.xy + ivec2(pixel * per + 1e-4), window.zw - 1);
    float value = value_at(cell);
    bool invalid = (floatBitsToUint(value) & 0x7fffffffu) > 0x7f800000u;
    float s = stretched(value), a = 1.0;
    vec3 below = vec3(0.0);

    vec2 uv = place.xy + pixel * place.zw;
    bool covered = uv.x >= 0.0 && uv.y >= 0.0 && uv.x <= 1.0 && uv.y <= 1.0;
    if (under != 2 && covered) {
        below = textureLod(picture, uv, detail).rgb;
        if (under == 0)
            below = vec3(dot(below, vec3(0.299, 0.587, 0.114))); // Rec. 601
        a = min(1.0, s + opacity);
    }
    int level = int(255.0 * s + 0.5);
    level = colormap.y == 1 ? 255 - level : level;
    vec3 colour = texelFetch(colours, ivec2(level, colormap.x), 0).rgb;
    result = vec4(invalid ? below : mix(below, colour, a), 1.0);
}
