#include "cellwise.h"

#include "shaders.h"

#include <stdio.h>

static bool make_curves(struct fl_cellwise *self)
{
    for (int k = 0; k < FL_CURVES_SIGNS; k++) {
        struct fl_curve_program *it = &self->curves[k];
        char defines[32];
        (void)snprintf(defines, sizeof defines, "#define SIGNS %d\n", k + 1);
        it->program = fl_gl_program("curve.frag", fl_shader_curve_frag, defines);
        it->u_sheet = glGetUniformLocation(it->program, "sheet");
        it->u_curve = glGetUniformLocation(it->program, "curve");
        if (!it->program)
            return false;
    }
    return true;
}

bool fl_cellwise_init(struct fl_cellwise *self)
{
    *self = (struct fl_cellwise){
        .channel = fl_gl_program("channel.frag", fl_shader_channel_frag, ""),
        .shrink = fl_gl_program("shrink.frag", fl_shader_shrink_frag, ""),
    };
    if (!self->channel || !self->shrink || !make_curves(self))
        return false;
    self->u_tile = glGetUniformLocation(self->channel, "tile");
    self->u_channel = glGetUniformLocation(self->channel, "channel");
    self->u_grid = glGetUniformLocation(self->shrink, "grid");
    self->u_window = glGetUniformLocation(self->shrink, "window");
    self->u_offset = glGetUniformLocation(self->shrink, "offset");
    self->u_per = glGetUniformLocation(self->shrink, "per");
    self->u_self = glGetUniformLocation(self->shrink, "self");
    self->u_keeping = glGetUniformLocation(self->shrink, "keeping");
    self->u_n_keeping = glGetUniformLocation(self->shrink, "n_keeping");
    return true;
}

void fl_cellwise_finish(struct fl_cellwise *self)
{
    glDeleteProgram(self->channel);
    for (int k = 0; k < FL_CURVES_SIGNS; k++)
        glDeleteProgram(self->curves[k].program);
    glDeleteProgram(self->shrink);
    *self = (struct fl_cellwise){0};
}

void fl_cellwise_channel(const struct fl_cellwise *self, const struct fl_features *features,
                         const struct fl_raster *inverse, int32_t channel,
                         const struct fl_raster *out)
{
    glUseProgram(self->channel);
    glUniform1i(self->u_channel, channel);
    fl_raster_bind(inverse, 1);
    for (size_t i = 0; i < features->n_tiles; i++) {
        const struct fl_tile *tile = &features->tiles[i];
        struct fl_rect sheet = fl_raster_sheet(out, tile->sheet);
        int32_t x = tile->rect.x - sheet.x, y = tile->rect.y - sheet.y;

        fl_raster_draw_into(out, tile->sheet);
        glViewport(x, y, tile->rect.w, tile->rect.h);
        glActiveTexture(GL_TEXTURE0);
        glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
        glUniform3i(self->u_tile, x, y, tile->sheet);
        fl_gl_draw_fullscreen();
    }
}

void fl_cellwise_curve(const struct fl_cellwise *self, const struct fl_raster *like,
                       const struct fl_raster *unlike, enum fl_curve curve,
                       const struct fl_raster *out)
{
    const struct fl_curve_program *it = &self->curves[like && unlike ? 2 : unlike ? 1 : 0];

    glUseProgram(it->program);
    glUniform1i(it->u_curve, (GLint)curve);
    fl_raster_bind(like ? like : unlike, 0);
    if (like && unlike)
        fl_raster_bind(unlike, 1);
    for (int32_t sheet = 0; sheet < out->sheets; sheet++) {
        fl_raster_draw_into(out, sheet);
        glUniform1i(it->u_sheet, sheet);
        fl_gl_draw_fullscreen();
    }
}

// The pixel whose area holds the cell, as shrink.frag divides the window; -1: none.
static int32_t pixel_of(int32_t cell, int32_t from, int32_t end, int32_t pixels)
{
    if (cell < from || cell >= end)
        return -1;
    return (int32_t)((2 * (int64_t)(cell - from) + 1) * pixels / (2 * (int64_t)(end - from)));
}

static void set_keeping(const struct fl_cellwise *self, const struct fl_shrink *how,
                        const struct fl_raster *out)
{
    GLint cells[FL_MAX_REFS][2] = {{0}}, pixels[FL_MAX_REFS][2] = {{0}};
    const int32_t *window = how->window;
    GLint n = 0;

    for (uint32_t k = 0; k < how->n_refs; k++) {
        const struct fl_cell *ref = &how->refs[k];
        pixels[n][0] = pixel_of(ref->i, window[0], window[2], out->w);
        pixels[n][1] = pixel_of(ref->j, window[1], window[3], out->h);
        cells[n][0] = ref->i;
        cells[n][1] = ref->j;
        if (pixels[n][0] >= 0 && pixels[n][1] >= 0)
            n++;
    }
    glUniform2iv(self->u_self, FL_MAX_REFS, &cells[0][0]);
    glUniform2iv(self->u_keeping, FL_MAX_REFS, &pixels[0][0]);
    glUniform1i(self->u_n_keeping, n);
}

void fl_cellwise_shrink(const struct fl_cellwise *self, const struct fl_raster *cells,
                        const struct fl_shrink *how, const struct fl_raster *out)
{
    const int32_t *window = how->window;

    glUseProgram(self->shrink);
    fl_raster_grid(cells, self->u_grid);
    glUniform4i(self->u_window, window[0], window[1], window[2], window[3]);
    glUniform2f(self->u_per, (float)(window[2] - window[0]) / (float)out->w,
                (float)(window[3] - window[1]) / (float)out->h);
    set_keeping(self, how, out);
    fl_raster_bind(cells, 0);
    for (int32_t sheet = 0; sheet < out->sheets; sheet++) {
        struct fl_rect rect = fl_raster_sheet(out, sheet);
        fl_raster_draw_into(out, sheet);
        glUniform2i(self->u_offset, rect.x, rect.y);
        fl_gl_draw_fullscreen();
    }
}
