#define LOG_MODULE "lanes"
#include "lanes.h"

#include "server/base/log.h"
#include "shaders.h"
#include "similarity.h"

#include <stdio.h>

enum { CELLS = 8, THREADS = 64, VALUES = 0 }; // as in similarity_lanes.comp and mirror.comp

void fl_lanes_init(struct fl_lanes *self, const struct fl_limits *limits)
{
    *self = (struct fl_lanes){.limits = *limits};
}

void fl_lanes_finish(struct fl_lanes *self)
{
    for (int i = 0; i < 4; i++)
        glDeleteProgram(self->programs[i / 2][i % 2].program);
    glDeleteProgram(self->mirror);
    *self = (struct fl_lanes){0};
}

bool fl_lanes_can(const struct fl_lanes *self, const struct fl_similarity_task *task)
{
    return task->form == FL_FORM_CHORD && task->shift != FL_SHIFT_RASTER &&
           task->features->groups <= self->limits.uniforms;
}

static const struct fl_lanes_program *program_for(struct fl_lanes *self, bool buffer,
                                                  bool has_negative)
{
    struct fl_lanes_program *it = &self->programs[buffer ? 1 : 0][has_negative ? 1 : 0];
    char defines[96];

    if (it->program)
        return it;
    (void)snprintf(defines, sizeof defines,
                   "#define BUFFER %d\n#define SIGNED %d\n#define REFERENCE %d\n", (int)buffer,
                   (int)has_negative, (int)self->limits.uniforms);
    it->program = fl_gl_compute("similarity_lanes.comp", fl_shader_similarity_lanes_comp, defines);
    it->u_groups = glGetUniformLocation(it->program, "groups");
    it->u_tile = glGetUniformLocation(it->program, "tile");
    it->u_size = glGetUniformLocation(it->program, "size");
    it->u_self = glGetUniformLocation(it->program, "self");
    it->u_shift = glGetUniformLocation(it->program, "shift");
    it->u_last = glGetUniformLocation(it->program, "last");
    return it->program ? it : NULL;
}

static void draw_tile(const struct fl_lanes_program *it, const struct fl_similarity_task *task,
                      const struct fl_tile *tile, const struct fl_raster *out)
{
    struct fl_rect sheet = fl_raster_sheet(out, tile->sheet);
    int32_t i = task->ref[0] - sheet.x, j = task->ref[1] - sheet.y;
    bool here = i >= 0 && j >= 0 && i < sheet.w && j < sheet.h;

    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
    if (tile->buffer)
        glBindBufferBase(GL_SHADER_STORAGE_BUFFER, VALUES, tile->buffer);
    glUniform3i(it->u_tile, tile->rect.x - sheet.x, tile->rect.y - sheet.y, tile->sheet);
    glUniform2i(it->u_size, tile->rect.w, tile->rect.h);
    glUniform2i(it->u_self, here ? i : -1, here ? j : -1);
    glDispatchCompute(((GLuint)tile->rect.w + CELLS - 1) / CELLS, (GLuint)tile->rect.h, 1);
}

bool fl_lanes_draw(struct fl_lanes *self, const struct fl_similarity_task *task,
                   const struct fl_raster *out)
{
    const struct fl_features *features = task->features;
    const struct fl_lanes_program *it =
        program_for(self, features->tiles[0].buffer != 0, task->has_negative);
    int32_t last = features->d - 4 * (features->groups - 1);

    if (!it)
        return false;
    glUseProgram(it->program);
    glUniform1i(it->u_groups, features->groups);
    glUniform1f(it->u_shift, task->shift == FL_SHIFT_ONE ? task->min : 0);
    glUniform4f(it->u_last, 1, last > 1, last > 2, last > 3);
    fl_raster_bind(task->inverse, 1);
    glBindImageTexture(0, out->texture, 0, GL_TRUE, 0, GL_WRITE_ONLY, GL_R32F);
    for (size_t i = 0; i < features->n_tiles; i++)
        draw_tile(it, task, &features->tiles[i], out);
    glMemoryBarrier(GL_TEXTURE_FETCH_BARRIER_BIT | GL_FRAMEBUFFER_BARRIER_BIT |
                    GL_TEXTURE_UPDATE_BARRIER_BIT);
    return fl_gl_ok("lanes");
}

static bool mirror_tile(const struct fl_lanes *self, const struct fl_features *features,
                        struct fl_tile *tile)
{
    uint64_t bytes = fl_features_bytes(tile->rect.w, tile->rect.h, features->d, false);
    GLint64 most = 0;

    glGetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &most);
    if (bytes > (uint64_t)most || bytes / 16 > INT32_MAX)
        return false;
    tile->buffer = fl_gl_buffer(GL_SHADER_STORAGE_BUFFER, (size_t)bytes, GL_STATIC_COPY);
    if (!tile->buffer)
        return false;
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, VALUES, tile->buffer);
    glUniform1i(glGetUniformLocation(self->mirror, "groups"), features->groups);
    glUniform2i(glGetUniformLocation(self->mirror, "size"), tile->rect.w, tile->rect.h);
    glDispatchCompute(((GLuint)features->groups + THREADS - 1) / THREADS, (GLuint)tile->rect.w,
                      (GLuint)tile->rect.h);
    return true;
}

bool fl_lanes_mirror(struct fl_lanes *self, struct fl_features *features)
{
    bool ok = !features->half;

    if (!self->mirror)
        self->mirror = fl_gl_compute("mirror.comp", fl_shader_mirror_comp, "");
    glUseProgram(self->mirror);
    for (size_t i = 0; ok && self->mirror && i < features->n_tiles; i++)
        ok = mirror_tile(self, features, &features->tiles[i]);
    glMemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT);
    ok = fl_gl_ok("mirror") && ok && self->mirror;
    if (!ok)
        fl_features_drop_buffers(features);
    return ok;
}
