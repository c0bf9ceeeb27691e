#pragma once

#include <epoxy/gl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The few things every pass needs. GPU thread only, like everything in this folder but gpu.h.

// The program of shaders/NAME.frag and fullscreen.vert, or of one compute shader. `defines`:
// "#define A 1\n...", put behind the #version line. 0 (and logged) on error.
GLuint fl_gl_program(const char *name, const char *fragment, const char *defines);
GLuint fl_gl_compute(const char *name, const char *source, const char *defines);

void fl_gl_log_messages(void); // the driver's own, through our log

GLenum fl_gl_error(void);         // the first pending error; clears all
bool fl_gl_ok(const char *where); // the same, logged; true: there was none
void fl_gl_draw_fullscreen(void); // one triangle over the whole viewport

// A texture one pass draws into and is then read back.
struct fl_target {
    GLuint fbo, texture;
    GLenum format; // GL_R8, GL_RGBA8 or GL_R32F
    int32_t w, h;
    GLenum read_format, read_type; // for glReadPixels: GL_RED where the driver can, else GL_RGBA
};

bool fl_target_init(struct fl_target *self, GLenum format, int32_t w, int32_t h);
void fl_target_finish(struct fl_target *self);        // zeroed is fine
size_t fl_target_texel(const struct fl_target *self); // bytes of one pixel as it is read back

// A buffer of `size` bytes without contents; 0 without memory.
GLuint fl_gl_buffer(GLenum target, size_t size, GLenum usage);
