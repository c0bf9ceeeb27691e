#version 310 es
// A tile's values out of their texture into a buffer, in the order of the file.
precision highp float;
precision highp int;
precision highp sampler2DArray;

layout(local_size_x = 64) in;

layout(binding = 0) uniform sampler2DArray map; // (group of four channels, x, y)
layout(std430, binding = 0) writeonly buffer Values
{
    vec4 values[];
};

uniform int groups;
uniform ivec2 size; // of the tile

void main()
{
    ivec3 at = ivec3(gl_GlobalInvocationID);

    if (at.x < groups)
        values[(at.z * size.x + at.y) * groups + at.x] = texelFetch(map, at, 0);
}
