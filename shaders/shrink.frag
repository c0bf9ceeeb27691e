#version 310 es
// Pass 3, where fewer pixels than cells are wanted: the mean of the valid cells under each pixel,
// weighted by area; NaN where none is valid. A reference's own pixel keeps the reference's value.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray cells;

uniform ivec2 grid;    // log2 of a sheet's side, sheets in a row
uniform ivec4 window;  // cells, half-open
uniform ivec2 offset;  // the first pixel of the sheet that is drawn into
uniform vec2 per;      // cells a pixel
uniform ivec2 self[16];    // the references' cells
uniform ivec2 keeping[16]; // their pixels
uniform int n_keeping;

out float result;

float value_at(ivec2 cell)
{
    ivec2 sheet = cell >> grid.x;
    ivec2 within = cell - (sheet << grid.x);
    return texelFetch(cells, ivec3(within, sheet.y * grid.y + sheet.x), 0).r;
}

void main()
{
    ivec2 pixel = offset + ivec2(gl_FragCoord.xy);
    vec2 size = vec2(window.zw - window.xy);
    vec2 from = min(vec2(pixel) * per, size), to = min(vec2(pixel + 1) * per, size);
    ivec2 first = ivec2(from), end = min(ivec2(ceil(to)), window.zw - window.xy);
    float sum = 0.0, weight = 0.0;

    for (int y = first.y; y < end.y; y++) {
        float high = min(to.y, float(y + 1)) - max(from.y, float(y));
        for (int x = first.x; x < end.x; x++) {
            float area = high * (min(to.x, float(x + 1)) - max(from.x, float(x)));
            float value = value_at(window.xy + ivec2(x, y));
            bool valid = (floatBitsToUint(value) & 0x7fffffffu) <= 0x7f800000u;
            // Slivers are roundings of a border, not cells under this pixel.
            if (valid && area > 1e-4) {
                sum += area * value;
                weight += area;
            }
        }
    }
    result = weight > 0.0 ? sum / weight : uintBitsToFloat(0x7fc00000u);
    for (int k = 0; k < n_keeping; k++) {
        if (pixel == keeping[k])
            result = value_at(self[k]);
    }
}
