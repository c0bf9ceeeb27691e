#include "present.h"

#include "proto/colormap.h"
#include "reduce.h"
#include "shaders.h"

#include <math.h>

enum { STRETCH_BINDING = 1 }; // as in levels.frag and colour.frag

static GLuint colour_table(void)
{
    GLuint texture = 0;

    glActiveTexture(GL_TEXTURE0);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGB8, 256, FL_COLORMAPS);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    for (int map = 0; map < FL_COLORMAPS; map++)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, map, 256, 1, GL_RGB, GL_UNSIGNED_BYTE,
                        fl_colormap_rgb((enum fl_colormap)map));
    return texture;
}

bool fl_present_init(struct fl_present *self)
{
    *self = (struct fl_present){
        .levels = fl_gl_program("levels.frag", fl_shader_levels_frag, ""),
        .values = fl_gl_program("values.frag", fl_shader_values_frag, ""),
        .colour = fl_gl_program("colour.frag", fl_shader_colour_frag, ""),
    };
    if (!self->levels || !self->values || !self->colour)
        return false;
    self->u_levels.grid = glGetUniformLocation(self->levels, "grid");
    self->u_levels.origin = glGetUniformLocation(self->levels, "origin");
    self->u_levels.invert = glGetUniformLocation(self->levels, "invert");
    self->u_values.grid = glGetUniformLocation(self->values, "grid");
    self->u_values.origin = glGetUniformLocation(self->values, "origin");
    self->u_values.invert = -1;
    self->u_colour.grid = glGetUniformLocation(self->colour, "grid");
    self->u_colour.window = glGetUniformLocation(self->colour, "window");
    self->u_colour.offset = glGetUniformLocation(self->colour, "offset");
    self->u_colour.per = glGetUniformLocation(self->colour, "per");
    self->u_colour.invert = glGetUniformLocation(self->colour, "invert");
    self->u_colour.colormap = glGetUniformLocation(self->colour, "colormap");
    self->u_colour.opacity = glGetUniformLocation(self->colour, "opacity");
    self->u_colour.under = glGetUniformLocation(self->colour, "under");
    self->u_colour.place = glGetUniformLocation(self->colour, "place");
    self->u_colour.detail = glGetUniformLocation(self->colour, "detail");
    self->colours = colour_table();
    return fl_gl_ok("present");
}

void fl_present_finish(struct fl_present *self)
{
    glDeleteProgram(self->levels);
    glDeleteProgram(self->values);
    glDeleteProgram(self->colour);
    glDeleteTextures(1, &self->colours);
    *self = (struct fl_present){0};
}

GLenum fl_present_format(enum fl_output output)
{
    if (output == FL_OUT_COLOUR)
        return GL_RGBA8;
    return output == FL_OUT_VALUES ? GL_R32F : GL_R8;
}

// Which mipmap level has about one texel a pixel.
static float detail(const struct fl_present_task *task)
{
    double texels = fmax(task->place[2] * task->backdrop->w, task->place[3] * task->backdrop->h);

    return texels > 1 ? (float)log2(texels) : 0;
}

static void set_colour(const struct fl_present *self, const struct fl_present_task *task,
                       struct fl_rect piece)
{
    const int32_t *window = task->window;

    glUseProgram(self->colour);
    fl_raster_grid(task->cells, self->u_colour.grid);
    glUniform4i(self->u_colour.window, window[0], window[1], window[2], window[3]);
    glUniform2i(self->u_colour.offset, piece.x, piece.y);
    glUniform2f(self->u_colour.per, (float)(window[2] - window[0]) / (float)task->w,
                (float)(window[3] - window[1]) / (float)task->h);
    glUniform1i(self->u_colour.invert, task->invert);
    glUniform2i(self->u_colour.colormap, (GLint)task->colormap, task->reversed);
    glUniform1f(self->u_colour.opacity, task->opacity);
    glUniform1i(self->u_colour.under, (GLint)task->under);
    glActiveTexture(GL_TEXTURE1);
    glBindTexture(GL_TEXTURE_2D, self->colours);
    if (!task->backdrop)
        return;
    glUniform4f(self->u_colour.place, (float)task->place[0], (float)task->place[1],
                (float)task->place[2], (float)task->place[3]);
    glUniform1f(self->u_colour.detail, detail(task));
    glActiveTexture(GL_TEXTURE2);
    glBindTexture(GL_TEXTURE_2D, task->backdrop->texture);
}

static void set_plain(const struct fl_present *self, const struct fl_present_task *task,
                      struct fl_rect piece)
{
    bool levels = task->output == FL_OUT_LEVELS;
    GLint u_grid = levels ? self->u_levels.grid : self->u_values.grid;
    GLint u_origin = levels ? self->u_levels.origin : self->u_values.origin;

    glUseProgram(levels ? self->levels : self->values);
    fl_raster_grid(task->cells, u_grid);
    glUniform2i(u_origin, task->window[0] + piece.x, task->window[1] + piece.y);
    if (levels)
        glUniform1i(self->u_levels.invert, task->invert);
}

void fl_present_draw(const struct fl_present *self, const struct fl_present_task *task,
                     struct fl_rect piece, const struct fl_target *out)
{
    glBindFramebuffer(GL_FRAMEBUFFER, out->fbo);
    glViewport(0, 0, piece.w, piece.h);
    if (task->output == FL_OUT_COLOUR)
        set_colour(self, task, piece);
    else
        set_plain(self, task, piece);
    fl_raster_bind(task->cells, 0);
    glBindBufferRange(GL_UNIFORM_BUFFER, STRETCH_BINDING, task->stats, 0, 16);
    fl_gl_draw_fullscreen();
}
