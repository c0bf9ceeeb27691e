#include "reference.h"

#include "server/base/mem.h"

enum { ROW = 1024, ROWS = 16, BLOCK_BINDING = 0, TEXTURE_UNIT = 3 }; // as in similarity.frag

void fl_reference_init(struct fl_reference *self, const struct fl_limits *limits)
{
    *self = (struct fl_reference){.uniforms = limits->uniforms};
}

void fl_reference_finish(struct fl_reference *self)
{
    glDeleteBuffers(1, &self->block);
    glDeleteTextures(1, &self->texture);
    free(self->packed);
    *self = (struct fl_reference){0};
}

bool fl_reference_fits(const struct fl_reference *self, int32_t groups)
{
    return groups <= self->uniforms;
}

static bool set_block(struct fl_reference *self, const float *values, int32_t groups)
{
    GLsizeiptr size = (GLsizeiptr)self->uniforms * 16;

    if (!self->block)
        glGenBuffers(1, &self->block);
    glBindBuffer(GL_UNIFORM_BUFFER, self->block);
    // New storage each time: the last render may still read the old one. The whole block, as the
    // shader declares it.
    glBufferData(GL_UNIFORM_BUFFER, size, NULL, GL_STREAM_DRAW);
    glBufferSubData(GL_UNIFORM_BUFFER, 0, (GLsizeiptr)groups * 16, values);
    glBindBufferBase(GL_UNIFORM_BUFFER, BLOCK_BINDING, self->block);
    return fl_gl_ok("reference");
}

static bool set_texture(struct fl_reference *self, const float *values, int32_t groups)
{
    int32_t rows = groups / ROW, rest = groups % ROW;

    glActiveTexture(GL_TEXTURE0 + TEXTURE_UNIT);
    if (!self->texture) {
        glGenTextures(1, &self->texture);
        glBindTexture(GL_TEXTURE_2D, self->texture);
        glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA32F, ROW, ROWS);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    }
    glBindTexture(GL_TEXTURE_2D, self->texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    if (rows > 0)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, ROW, rows, GL_RGBA, GL_FLOAT, values);
    if (rest > 0)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, rows, rest, 1, GL_RGBA, GL_FLOAT,
                        values + (size_t)rows * ROW * 4);
    return fl_gl_ok("reference");
}

static bool pack(struct fl_reference *self, const struct fl_reference_vectors *what)
{
    size_t d = (size_t)what->d, padded = 4 * (size_t)what->groups, floats = padded * what->places;

    if (floats > self->room) {
        free(self->packed);
        self->packed = malloc(floats * sizeof *self->packed);
        self->room = self->packed ? floats : 0;
    }
    if (!self->packed)
        return false;
    for (size_t k = 0; k < what->places; k++) {
        const float *vector = what->vectors[k < what->n ? k : what->n - 1];
        for (size_t c = 0; c < padded; c++)
            self->packed[(c / 4 * what->places + k) * 4 + c % 4] =
                c < d ? vector[c] * what->factor : 0;
    }
    return true;
}

bool fl_reference_set(struct fl_reference *self, const struct fl_reference_vectors *what)
{
    int32_t groups = what->groups * (int32_t)what->places;

    if (!pack(self, what))
        return false;
    if (fl_reference_fits(self, groups))
        return set_block(self, self->packed, groups);
    return set_texture(self, self->packed, groups);
}
