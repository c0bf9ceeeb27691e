#pragma once

#include "gl.h"
#include "limits.h"

// The reference's vector where similarity.frag reads it: in a uniform block, or, where it has more
// channels than a block can hold, in a texture. GPU thread only.
struct fl_reference {
    GLuint block, texture; // each made when first needed
    int32_t uniforms;      // vec4 in the block
};

void fl_reference_init(struct fl_reference *self, const struct fl_limits *limits);
void fl_reference_finish(struct fl_reference *self); // zeroed is fine

bool fl_reference_fits(const struct fl_reference *self, int32_t groups); // the uniform block
// 4 * groups values, padded with zeros; bound to where the shader looks. False without memory.
bool fl_reference_set(struct fl_reference *self, const float *values, int32_t groups);
