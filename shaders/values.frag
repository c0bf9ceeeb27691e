#version 310 es
// Pass 4 for exports: the numbers themselves, NaN where a cell is invalid.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(binding = 0) uniform sampler2DArray cells;

uniform ivec2 grid;   // log2 of a sheet's side, sheets in a row
uniform ivec2 origin; // the cell under the first fragment

out float result;

void main()
{
    ivec2 cell = origin + ivec2(gl_FragCoord.xy);
    ivec2 sheet = cell >> grid.x;
    ivec2 within = cell - (sheet << grid.x);
    result = texelFetch(cells, ivec3(within, sheet.y * grid.y + sheet.x), 0).r;
}
