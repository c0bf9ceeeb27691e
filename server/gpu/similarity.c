#define LOG_MODULE "similarity"
#include "similarity.h"

#include "server/base/log.h"
#include "server/base/mem.h"
#include "shaders.h"

#include <stdio.h>

void fl_similarity_init(struct fl_similarity *self, const struct fl_limits *limits)
{
    *self = (struct fl_similarity){0};
    fl_reference_init(&self->reference, limits);
    fl_chords_init(&self->chords, limits);
    fl_lanes_init(&self->lanes, limits);
    fl_combine_init(&self->combine, limits);
}

void fl_similarity_finish(struct fl_similarity *self)
{
    struct fl_similarity_program *programs = &self->programs[0][0][0][0];
    size_t n = sizeof self->programs / sizeof *programs;

    for (size_t i = 0; i < n; i++)
        glDeleteProgram(programs[i].program);
    fl_reference_finish(&self->reference);
    fl_chords_finish(&self->chords);
    fl_lanes_finish(&self->lanes);
    fl_combine_finish(&self->combine);
    *self = (struct fl_similarity){0};
}

static const struct fl_similarity_program *program_for(struct fl_similarity *self,
                                                       const struct fl_similarity_task *task)
{
    bool fits = fl_reference_fits(&self->reference, task->features->groups);
    struct fl_similarity_program *it =
        &self->programs[task->form][task->has_negative][task->shift][!fits];
    char defines[128];

    if (it->program)
        return it;
    (void)snprintf(defines, sizeof defines,
                   "#define FORM %d\n#define SIGNED %d\n#define SHIFT %d\n#define REFERENCE %d\n",
                   (int)task->form, task->has_negative, (int)task->shift,
                   fits ? self->reference.uniforms : 0);
    it->program = fl_gl_program("similarity.frag", fl_shader_similarity_frag, defines);
    it->u_groups = glGetUniformLocation(it->program, "groups");
    it->u_tile = glGetUniformLocation(it->program, "tile");
    it->u_self = glGetUniformLocation(it->program, "self");
    it->u_shift = glGetUniformLocation(it->program, "shift");
    it->u_last = glGetUniformLocation(it->program, "last");
    it->u_scale = glGetUniformLocation(it->program, "scale");
    it->u_channels = glGetUniformLocation(it->program, "channels");
    return it->program ? it : NULL;
}

static bool set_reference(struct fl_similarity *self, const struct fl_similarity_task *task,
                          float scale)
{
    struct fl_reference_vectors what = {.vectors = &task->vector,
                                        .n = 1,
                                        .places = 1,
                                        .d = task->features->d,
                                        .groups = task->features->groups,
                                        .factor = scale};

    return fl_reference_set(&self->reference, &what);
}

static void draw_tile(const struct fl_similarity_program *it, const struct fl_similarity_task *task,
                      const struct fl_tile *tile, const struct fl_raster *out)
{
    struct fl_rect sheet = fl_raster_sheet(out, tile->sheet);
    int32_t x = tile->rect.x - sheet.x, y = tile->rect.y - sheet.y;
    int32_t i = task->ref[0] - sheet.x, j = task->ref[1] - sheet.y;
    bool here = i >= 0 && j >= 0 && i < sheet.w && j < sheet.h;

    fl_raster_draw_into(out, tile->sheet);
    glViewport(x, y, tile->rect.w, tile->rect.h);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
    glUniform3i(it->u_tile, x, y, tile->sheet);
    glUniform2i(it->u_self, here ? i : -1, here ? j : -1);
    fl_gl_draw_fullscreen();
}

uint64_t fl_similarity_passes(const struct fl_similarity *self)
{
    return self->passes + self->chords.passes;
}

static bool is_computed(const struct fl_similarity *self, const struct fl_similarity_task *task)
{
    return (self->way == FL_WAY_COMPUTE8 || self->way == FL_WAY_COMPUTE16) &&
           task->form == FL_FORM_CHORD && task->shift != FL_SHIFT_RASTER &&
           fl_chords_most(&self->chords, task->features, task->has_negative) > 0;
}

static bool compute(struct fl_similarity *self, const struct fl_similarity_task *task,
                    const struct fl_raster *out)
{
    struct fl_chords_ref ref = {
        .vector = task->vector, .cell = {task->ref[0], task->ref[1]}, .out = out};
    struct fl_chords_task chords = {.features = task->features,
                                    .inverse = task->inverse,
                                    .has_negative = task->has_negative,
                                    .shift = task->shift == FL_SHIFT_ONE ? task->min : 0,
                                    .pixels = self->way == FL_WAY_COMPUTE16 ? 16 : 8,
                                    .refs = &ref,
                                    .n_refs = 1};

    return fl_chords_draw(&self->chords, &chords);
}

static bool draw_lanes(struct fl_similarity *self, const struct fl_similarity_task *task,
                       const struct fl_raster *out)
{
    self->passes++;
    return set_reference(self, task, 1) && fl_lanes_draw(&self->lanes, task, out);
}

bool fl_similarity_draw(struct fl_similarity *self, const struct fl_similarity_task *task,
                        const struct fl_raster *out)
{
    if (is_computed(self, task))
        return compute(self, task, out);
    if ((self->way == FL_WAY_LANES || self->way == FL_WAY_BUFFER) &&
        fl_lanes_can(&self->lanes, task))
        return draw_lanes(self, task, out);
    const struct fl_features *features = task->features;
    const struct fl_similarity_program *it = program_for(self, task);
    float scale = task->form == FL_FORM_CHORD ? 1 : fl_metric_scale(task->largest);
    int32_t last = features->d - 4 * (features->groups - 1);

    if (!it || !set_reference(self, task, scale))
        return false;
    glUseProgram(it->program);
    glUniform1i(it->u_groups, features->groups);
    glUniform1f(it->u_shift, task->shift == FL_SHIFT_ONE ? task->min : 0);
    glUniform4f(it->u_last, 1, last > 1, last > 2, last > 3);
    glUniform2f(it->u_scale, scale, 1 / scale);
    glUniform1f(it->u_channels, (float)features->d);
    fl_raster_bind(task->inverse, 1);
    if (task->shift == FL_SHIFT_RASTER)
        fl_raster_bind(task->shifts, 2);
    for (size_t i = 0; i < features->n_tiles; i++)
        draw_tile(it, task, &features->tiles[i], out);
    self->passes++;
    return fl_gl_ok("similarity");
}
