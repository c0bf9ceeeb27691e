#pragma once

#include "gl.h"
#include "limits.h"

// The references' vectors where the shaders of pass 1 read them: in a uniform block, or, where one has
// more channels than a block can hold, in a texture. GPU thread only.
struct fl_reference {
    GLuint block, texture; // each made when first needed
    int32_t uniforms;      // vec4 in the block
    float *packed;         // owned; as the shaders want them
    size_t room;           // floats in `packed`
};

struct fl_reference_vectors {
    const float *const *vectors; // of d values each
    size_t n;
    size_t places; // that the shader has; where they are more, the last vector comes again
    int32_t d, groups;
    float factor; // times every value
};

void fl_reference_init(struct fl_reference *self, const struct fl_limits *limits);
void fl_reference_finish(struct fl_reference *self); // zeroed is fine

bool fl_reference_fits(const struct fl_reference *self, int32_t groups); // the uniform block
// Group 0 of each vector, group 1 of each, ..., padded with zeros; bound to where the shader looks.
// False without memory.
bool fl_reference_set(struct fl_reference *self, const struct fl_reference_vectors *what);
