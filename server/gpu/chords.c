#define LOG_MODULE "chords"
#include "chords.h"

#include "server/base/log.h"
#include "server/base/mem.h"
#include "shaders.h"

#include <stdio.h>

enum { LANES = 8 }; // as in similarity.comp

void fl_chords_init(struct fl_chords *self, const struct fl_limits *limits)
{
    *self = (struct fl_chords){.limits = *limits, .can_copy = epoxy_gl_version() >= 32};
    fl_reference_init(&self->reference, limits);
}

static void drop_many(struct fl_chords *self)
{
    glDeleteFramebuffers(1, &self->fbo);
    glDeleteTextures(1, &self->many);
    self->fbo = self->many = 0;
    self->many_w = self->many_h = self->many_layers = 0;
}

void fl_chords_finish(struct fl_chords *self)
{
    struct fl_chords_program *programs = &self->programs[0][0][0];
    size_t n = sizeof self->programs / sizeof *programs;

    for (size_t i = 0; i < n; i++)
        glDeleteProgram(programs[i].program);
    fl_reference_finish(&self->reference);
    drop_many(self);
    *self = (struct fl_chords){0};
}

size_t fl_chords_most(const struct fl_chords *self, const struct fl_features *features,
                      bool has_negative)
{
    // Twice the sums: more of them would not fit the registers of any processor.
    size_t most = has_negative ? FL_CHORDS_MOST / 2 : FL_CHORDS_MOST;

    while (most > 0 && most * (size_t)features->groups > (size_t)self->limits.uniforms)
        most /= 2;
    return most;
}

// Rows of a work group: a software renderer goes through them one after the other, and would only waste
// those beyond a tile's edge.
static int32_t rows_of(const struct fl_chords *self)
{
    return self->limits.software ? 1 : 4;
}

// Cells an invocation. Several references: a software renderer, which keeps all sums in memory anyway,
// reads the references half as often with 16; hardware has registers for about 64 sums and as many totals.
static int32_t pixels_for(const struct fl_chords *self, int size, const struct fl_chords_task *task)
{
    int32_t sums = (int32_t)(task->has_negative ? 2U : 1U) << size;

    if (size == 0)
        return task->pixels;
    if (self->limits.software)
        return sums == FL_CHORDS_MOST ? 16 : 8;
    return sums < 16 ? 4 : 2;
}

static const struct fl_chords_program *program_for(struct fl_chords *self, int size,
                                                   const struct fl_chords_task *task)
{
    int32_t pixels = pixels_for(self, size, task);
    int shape = pixels == 16 ? 1 : 0; // one size has at most two
    struct fl_chords_program *it = &self->programs[size][shape][task->has_negative ? 1 : 0];
    char defines[160];

    if (it->program)
        return it;
    (void)snprintf(defines, sizeof defines,
                   "#define REFS %d\n#define PIXELS %d\n#define ROWS %d\n#define SIGNED %d\n"
                   "#define REFERENCE %d\n",
                   1 << size, (int)pixels, (int)rows_of(self), (int)task->has_negative,
                   (int)self->limits.uniforms);
    it->program = fl_gl_compute("similarity.comp", fl_shader_similarity_comp, defines);
    it->pixels = pixels;
    it->u_groups = glGetUniformLocation(it->program, "groups");
    it->u_tile = glGetUniformLocation(it->program, "tile");
    it->u_size = glGetUniformLocation(it->program, "size");
    it->u_sheets = glGetUniformLocation(it->program, "sheets");
    it->u_self = glGetUniformLocation(it->program, "self");
    it->u_shift = glGetUniformLocation(it->program, "shift");
    it->u_last = glGetUniformLocation(it->program, "last");
    return it->program ? it : NULL;
}

static bool set_references(struct fl_chords *self, const struct fl_chords_task *task, size_t size)
{
    const float *vectors[FL_CHORDS_MOST];
    struct fl_reference_vectors what = {.vectors = vectors,
                                        .n = task->n_refs,
                                        .places = size,
                                        .d = task->features->d,
                                        .groups = task->features->groups,
                                        .factor = 1};

    for (size_t k = 0; k < task->n_refs; k++)
        vectors[k] = task->refs[k].vector;
    return fl_reference_set(&self->reference, &what);
}

static bool make_many(struct fl_chords *self, int32_t w, int32_t h, int32_t layers)
{
    if (self->many && self->many_w == w && self->many_h == h && self->many_layers >= layers)
        return true;
    drop_many(self);
    if (layers > self->limits.layers)
        return false;
    glGenTextures(1, &self->many);
    glBindTexture(GL_TEXTURE_2D_ARRAY, self->many);
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 1, GL_R32F, w, h, layers);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glGenFramebuffers(1, &self->fbo);
    if (!fl_gl_ok("chords")) {
        drop_many(self);
        return false;
    }
    self->many_w = w;
    self->many_h = h;
    self->many_layers = layers;
    return true;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static bool bind_out(struct fl_chords *self, const struct fl_raster *out, int32_t size)
{
    int32_t side = (int32_t)1 << out->shift;
    GLuint texture = out->texture;

    if (size > 1) {
        if (!make_many(self, smaller(out->w, side), smaller(out->h, side), size * out->sheets))
            return false;
        texture = self->many;
    }
    glBindImageTexture(0, texture, 0, GL_TRUE, 0, GL_WRITE_ONLY, GL_R32F);
    return true;
}

static void draw_tile(const struct fl_chords *self, const struct fl_chords_program *it,
                      const struct fl_chords_task *task, size_t size, const struct fl_tile *tile)
{
    const struct fl_raster *out = task->refs[0].out;
    struct fl_rect sheet = fl_raster_sheet(out, tile->sheet);
    uint32_t across = (uint32_t)(LANES * it->pixels), rows = (uint32_t)rows_of(self);
    GLint cells[2 * FL_CHORDS_MOST];

    for (size_t k = 0; k < size; k++) {
        const int32_t *cell = task->refs[k < task->n_refs ? k : task->n_refs - 1].cell;
        int32_t i = cell[0] - sheet.x, j = cell[1] - sheet.y;
        bool here = i >= 0 && j >= 0 && i < sheet.w && j < sheet.h;
        cells[2 * k] = here ? i : -1;
        cells[2 * k + 1] = here ? j : -1;
    }
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
    glUniform3i(it->u_tile, tile->rect.x - sheet.x, tile->rect.y - sheet.y, tile->sheet);
    glUniform2i(it->u_size, tile->rect.w, tile->rect.h);
    glUniform2iv(it->u_self, (GLsizei)size, cells);
    glDispatchCompute(((uint32_t)tile->rect.w + across - 1) / across,
                      ((uint32_t)tile->rect.h + rows - 1) / rows, 1);
}

static void copy_sheet(const struct fl_chords *self, const struct fl_raster *out, int32_t sheet,
                       int32_t layer)
{
    struct fl_rect rect = fl_raster_sheet(out, sheet);

    if (self->can_copy) {
        glCopyImageSubData(self->many, GL_TEXTURE_2D_ARRAY, 0, 0, 0, layer, out->texture,
                           GL_TEXTURE_2D_ARRAY, 0, 0, 0, sheet, rect.w, rect.h, 1);
        return;
    }
    fl_raster_draw_into(out, sheet);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, self->fbo);
    glFramebufferTextureLayer(GL_READ_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, self->many, 0, layer);
    glBlitFramebuffer(0, 0, rect.w, rect.h, 0, 0, rect.w, rect.h, GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

static void copy_out(const struct fl_chords *self, const struct fl_raster *out, int32_t k)
{
    for (int32_t sheet = 0; sheet < out->sheets; sheet++)
        copy_sheet(self, out, sheet, k * out->sheets + sheet);
}

// Out of the texture of several references into each one's raster, or one that some share.
static bool hand_out(const struct fl_chords *self, const struct fl_chords_task *task)
{
    size_t n = 0;

    for (size_t k = 0; k < task->n_refs; k += n) {
        const struct fl_chords_ref *ref = &task->refs[k];
        for (n = 1; k + n < task->n_refs && ref[n].joins; n++)
            continue;
        struct fl_combine_task some = {.made = self->many,
                                       .from = (int32_t)k,
                                       .n = (int32_t)n,
                                       .joins = ref->joins,
                                       .form = FL_FORM_CHORD};
        if (n == 1 && !ref->joins)
            copy_out(self, ref->out, (int32_t)k);
        else if (!fl_combine_draw(task->combine, &some, ref->out))
            return false;
    }
    return true;
}

// Of at most as many references as the largest program takes.
static bool draw_some(struct fl_chords *self, const struct fl_chords_task *task)
{
    const struct fl_features *features = task->features;
    const struct fl_raster *out = task->refs[0].out;
    int32_t last = features->d - 4 * (features->groups - 1);
    int size = task->refs[0].joins; // what `out` holds already must not be drawn over

    while ((size_t)1 << size < task->n_refs)
        size++;
    const struct fl_chords_program *it = program_for(self, size, task);
    if (!it || !set_references(self, task, (size_t)1 << size) || !bind_out(self, out, 1 << size))
        return false;
    glUseProgram(it->program);
    glUniform1i(it->u_groups, features->groups);
    glUniform1i(it->u_sheets, out->sheets);
    glUniform1f(it->u_shift, task->shift);
    glUniform4f(it->u_last, 1, last > 1, last > 2, last > 3);
    fl_raster_bind(task->inverse, 1);
    for (size_t i = 0; i < features->n_tiles; i++)
        draw_tile(self, it, task, (size_t)1 << size, &features->tiles[i]);
    glMemoryBarrier(GL_TEXTURE_FETCH_BARRIER_BIT | GL_FRAMEBUFFER_BARRIER_BIT |
                    GL_TEXTURE_UPDATE_BARRIER_BIT);
    self->passes++;
    return (size == 0 || hand_out(self, task)) && fl_gl_ok("chords");
}

bool fl_chords_draw(struct fl_chords *self, const struct fl_chords_task *task)
{
    size_t most = fl_chords_most(self, task->features, task->has_negative);

    if (most == 0)
        return false;
    for (size_t k = 0; k < task->n_refs; k += most) {
        struct fl_chords_task some = *task;
        some.refs = task->refs + k;
        some.n_refs = task->n_refs - k < most ? task->n_refs - k : most;
        if (!draw_some(self, &some))
            return false;
    }
    return true;
}

bool fl_chords_prepare(struct fl_chords *self)
{
    // Largest first. Signed ones are at most 8 together (fl_chords_most).
    enum { SIZES = FL_CHORDS_SIZES - 1, ALL = 2 * SIZES };

    if (self->prepared == ALL)
        return false;
    unsigned k = self->prepared++;
    int size = FL_CHORDS_SIZES - 1 - (int)(k / 2);
    struct fl_chords_task task = {.pixels = 8, .has_negative = k % 2 != 0};
    if (!task.has_negative || size < FL_CHORDS_SIZES - 1)
        program_for(self, size, &task);
    return true;
}
