#include "raster.h"

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t log2_of(int32_t power)
{
    int32_t shift = 0;
    while (power >> shift > 1)
        shift++;
    return shift;
}

bool fl_raster_init(struct fl_raster *self, int32_t w, int32_t h, const struct fl_limits *limits)
{
    int32_t side = limits->side;
    int64_t columns = ((int64_t)w + side - 1) / side, rows = ((int64_t)h + side - 1) / side;

    *self = (struct fl_raster){.w = w, .h = h, .shift = log2_of(side)};
    if (columns * rows > limits->layers)
        return false;
    self->columns = (int32_t)columns;
    self->sheets = (int32_t)(columns * rows);
    glGenTextures(1, &self->texture);
    glBindTexture(GL_TEXTURE_2D_ARRAY, self->texture);
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 1, GL_R32F, smaller(w, side), smaller(h, side),
                   self->sheets);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glGenFramebuffers(1, &self->fbo);
    fl_raster_draw_into(self, 0);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE && fl_gl_ok("raster"))
        return true;
    fl_raster_finish(self);
    return false;
}

void fl_raster_finish(struct fl_raster *self)
{
    glDeleteFramebuffers(1, &self->fbo);
    glDeleteTextures(1, &self->texture);
    *self = (struct fl_raster){0};
}

struct fl_rect fl_raster_sheet(const struct fl_raster *self, int32_t sheet)
{
    int32_t side = (int32_t)1 << self->shift;
    struct fl_rect rect = {sheet % self->columns * side, sheet / self->columns * side, 0, 0};

    rect.w = smaller(side, self->w - rect.x);
    rect.h = smaller(side, self->h - rect.y);
    return rect;
}

void fl_raster_draw_into(const struct fl_raster *self, int32_t sheet)
{
    struct fl_rect rect = fl_raster_sheet(self, sheet);

    glBindFramebuffer(GL_FRAMEBUFFER, self->fbo);
    glFramebufferTextureLayer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, self->texture, 0, sheet);
    glViewport(0, 0, rect.w, rect.h);
}

void fl_raster_bind(const struct fl_raster *self, int unit)
{
    glActiveTexture(GL_TEXTURE0 + (GLenum)unit);
    glBindTexture(GL_TEXTURE_2D_ARRAY, self->texture);
}

void fl_raster_grid(const struct fl_raster *self, GLint u_grid)
{
    glUniform2i(u_grid, self->shift, self->columns);
}

// What of rows y .. y + n - 1 lies in one sheet.
static void upload_sheet(const struct fl_raster *self, int32_t sheet, struct fl_rect part,
                         const float *values)
{
    struct fl_rect rect = fl_raster_sheet(self, sheet);
    int32_t from = part.y > rect.y ? part.y : rect.y;
    int32_t end = smaller(part.y + part.h, rect.y + rect.h);

    if (from >= end)
        return;
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, from - rect.y, sheet, rect.w, end - from, 1, GL_RED,
                    GL_FLOAT, values + (size_t)(from - part.y) * (size_t)self->w + rect.x);
}

void fl_raster_upload(const struct fl_raster *self, int32_t y, int32_t n, const float *values)
{
    fl_raster_bind(self, 0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, self->w);
    for (int32_t sheet = 0; sheet < self->sheets; sheet++)
        upload_sheet(self, sheet, (struct fl_rect){0, y, self->w, n}, values);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
}
