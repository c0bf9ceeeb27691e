#define LOG_MODULE "combine"
#include "combine.h"

#include "gl.h"
#include "shaders.h"

void fl_combine_init(struct fl_combine *self, const struct fl_limits *limits)
{
    *self = (struct fl_combine){.limits = *limits};
}

void fl_combine_finish(struct fl_combine *self)
{
    glDeleteProgram(self->program);
    fl_raster_finish(&self->alone);
    fl_raster_finish(&self->held);
    *self = (struct fl_combine){0};
}

static bool make_program(struct fl_combine *self)
{
    if (self->program)
        return true;
    self->program = fl_gl_program("combine.frag", fl_shader_combine_frag, "");
    self->u_sheet = glGetUniformLocation(self->program, "sheet");
    self->u_sheets = glGetUniformLocation(self->program, "sheets");
    self->u_range = glGetUniformLocation(self->program, "range");
    self->u_joins = glGetUniformLocation(self->program, "joins");
    self->u_nearest = glGetUniformLocation(self->program, "nearest");
    return self->program != 0;
}

static bool make_raster(const struct fl_combine *self, struct fl_raster *it,
                        const struct fl_raster *like)
{
    if (it->texture && it->w == like->w && it->h == like->h)
        return true;
    fl_raster_finish(it);
    return fl_raster_init(it, like->w, like->h, &self->limits);
}

const struct fl_raster *fl_combine_alone(struct fl_combine *self, const struct fl_raster *out)
{
    return make_raster(self, &self->alone, out) ? &self->alone : NULL;
}

// A texture cannot be read while it is drawn into.
static void hold(const struct fl_combine *self, const struct fl_raster *out)
{
    for (int32_t sheet = 0; sheet < out->sheets; sheet++) {
        struct fl_rect rect = fl_raster_sheet(out, sheet);
        fl_raster_draw_into(out, sheet);
        fl_raster_draw_into(&self->held, sheet);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, out->fbo);
        glBlitFramebuffer(0, 0, rect.w, rect.h, 0, 0, rect.w, rect.h, GL_COLOR_BUFFER_BIT,
                          GL_NEAREST);
    }
}

static GLint nearest_of(enum fl_form form)
{
    if (form == FL_FORM_CHORD)
        return 0;
    return form == FL_FORM_DOT ? 1 : 2;
}

bool fl_combine_draw(struct fl_combine *self, const struct fl_combine_task *task,
                     const struct fl_raster *out)
{
    if (!make_program(self) || !make_raster(self, &self->held, out))
        return false;
    if (task->joins)
        hold(self, out);
    glUseProgram(self->program);
    glUniform1i(self->u_sheets, out->sheets);
    glUniform2i(self->u_range, task->from, task->from + task->n);
    glUniform1i(self->u_joins, task->joins);
    glUniform1i(self->u_nearest, nearest_of(task->form));
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, task->made);
    fl_raster_bind(&self->held, 1);
    for (int32_t sheet = 0; sheet < out->sheets; sheet++) {
        fl_raster_draw_into(out, sheet);
        glUniform1i(self->u_sheet, sheet);
        fl_gl_draw_fullscreen();
    }
    return fl_gl_ok("combine");
}
