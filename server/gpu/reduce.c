#include "reduce.h"

#include "shaders.h"

#include <string.h>

enum { SQUARE = 64 }; // cells a work group takes each way

static bool make(struct fl_reduce_program *it, const char *name, const char *source)
{
    it->program = fl_gl_compute(name, source, "");
    it->u_sheet = glGetUniformLocation(it->program, "sheet");
    it->u_rect = glGetUniformLocation(it->program, "rect");
    it->u_blocks = glGetUniformLocation(it->program, "blocks");
    it->u_n_blocks = glGetUniformLocation(it->program, "n_blocks");
    it->u_region = glGetUniformLocation(it->program, "region");
    it->u_smallest = glGetUniformLocation(it->program, "smallest");
    it->u_width = glGetUniformLocation(it->program, "width");
    it->u_digit = glGetUniformLocation(it->program, "digit");
    it->u_first = glGetUniformLocation(it->program, "first");
    it->u_given = glGetUniformLocation(it->program, "given");
    it->u_policy = glGetUniformLocation(it->program, "policy");
    it->u_fractions = glGetUniformLocation(it->program, "fractions");
    return it->program != 0;
}

bool fl_reduce_init(struct fl_reduce *self)
{
    *self = (struct fl_reduce){0};
    return make(&self->range, "range.comp", fl_shader_range_comp) &&
           make(&self->histogram, "histogram.comp", fl_shader_histogram_comp) &&
           make(&self->select, "select.comp", fl_shader_select_comp) &&
           make(&self->rank, "rank.comp", fl_shader_rank_comp) &&
           make(&self->stretch, "stretch.comp", fl_shader_stretch_comp);
}

void fl_reduce_finish(struct fl_reduce *self)
{
    glDeleteProgram(self->range.program);
    glDeleteProgram(self->histogram.program);
    glDeleteProgram(self->select.program);
    glDeleteProgram(self->rank.program);
    glDeleteProgram(self->stretch.program);
    *self = (struct fl_reduce){0};
}

static void clear(GLuint stats)
{
    static const struct fl_stats nothing = {
        .low = UINT32_MAX, .low_away = UINT32_MAX, .best = UINT32_MAX};

    glBindBuffer(GL_SHADER_STORAGE_BUFFER, stats);
    glBufferSubData(GL_SHADER_STORAGE_BUFFER, 0, sizeof nothing, &nothing);
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, 0, stats);
}

static void set_blocks(const struct fl_reduce_program *it, const struct fl_reduce_task *task)
{
    GLint blocks[FL_MAX_REFS][2] = {{0}};
    const int32_t *region = task->region;
    bool any = region[0] < region[2];

    for (uint32_t k = 0; k < task->n_refs; k++) {
        blocks[k][0] = task->refs[k].i;
        blocks[k][1] = task->refs[k].j;
    }
    glUniform2iv(it->u_blocks, FL_MAX_REFS, &blocks[0][0]);
    glUniform1i(it->u_n_blocks, (GLint)task->n_refs);
    glUniform4i(it->u_region, any ? region[0] - 1 : 0, any ? region[1] - 1 : 0,
                any ? region[2] + 1 : 0, any ? region[3] + 1 : 0);
}

static void dispatch(const struct fl_reduce_program *it, const struct fl_raster *cells)
{
    fl_raster_bind(cells, 0);
    for (int32_t sheet = 0; sheet < cells->sheets; sheet++) {
        struct fl_rect rect = fl_raster_sheet(cells, sheet);
        glUniform1i(it->u_sheet, sheet);
        glUniform4i(it->u_rect, rect.x, rect.y, rect.w, rect.h);
        glDispatchCompute((GLuint)((rect.w + SQUARE - 1) / SQUARE),
                          (GLuint)((rect.h + SQUARE - 1) / SQUARE), 1);
    }
    glMemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT);
}

// Percent as a fraction of 2^32; UINT32_MAX stands for all of it.
static uint32_t fraction_of(double percent)
{
    double fraction = percent / 100 * 4294967296.0;

    if (!(fraction > 0))
        return 0;
    return fraction < UINT32_MAX ? (uint32_t)fraction : UINT32_MAX;
}

static void percentiles(const struct fl_reduce *self, const struct fl_raster *cells,
                        const struct fl_stretch *stretch)
{
    for (int digit = 24; digit >= 0; digit -= 8) {
        glUseProgram(self->select.program);
        glUniform1i(self->select.u_digit, digit);
        dispatch(&self->select, cells);
        glUseProgram(self->rank.program);
        glUniform1i(self->rank.u_first, digit == 24);
        glUniform2ui(self->rank.u_fractions, fraction_of(stretch->a), fraction_of(stretch->b));
        glDispatchCompute(1, 1, 1);
        glMemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT);
    }
}

void fl_reduce_run(const struct fl_reduce *self, const struct fl_raster *cells,
                   const struct fl_reduce_task *task, GLuint stats)
{
    const struct fl_stretch *stretch = &task->stretch;

    clear(stats);
    glUseProgram(self->range.program);
    set_blocks(&self->range, task);
    dispatch(&self->range, cells);

    glUseProgram(self->histogram.program);
    set_blocks(&self->histogram, task);
    glUniform1i(self->histogram.u_smallest, task->smallest);
    glUniform1ui(self->histogram.u_width, (GLuint)cells->w);
    dispatch(&self->histogram, cells);

    if (stretch->kind == FL_STRETCH_PERCENTILE)
        percentiles(self, cells, stretch);
    glUseProgram(self->stretch.program);
    glUniform1i(self->stretch.u_policy, (GLint)stretch->kind);
    float lo = 0, hi = 0;
    fl_render_fixed(stretch, &lo, &hi);
    glUniform2f(self->stretch.u_given, lo, hi);
    glUniform2ui(self->stretch.u_fractions, fraction_of(stretch->a), fraction_of(stretch->b));
    glUniform1i(self->stretch.u_smallest, task->smallest);
    glDispatchCompute(1, 1, 1);
    // Read as a uniform block by the present passes and copied for the host.
    glMemoryBarrier(GL_UNIFORM_BARRIER_BIT | GL_BUFFER_UPDATE_BARRIER_BIT);
}

float fl_stats_value(uint32_t key)
{
    uint32_t bits = key & 0x80000000U ? key ^ 0x80000000U : ~key;
    float value = 0;

    memcpy(&value, &bits, sizeof value);
    return value;
}
