#define LOG_MODULE "gl"
#include "gl.h"

#include "server/base/log.h"
#include "shaders.h" // made from shaders/ by CMake

#include <string.h>

static GLuint compile(const char *name, GLenum type, const char *source, const char *defines)
{
    // The #version line must be the first.
    const char *rest = strchr(source, '\n') + 1;
    const char *parts[] = {source, defines, rest};
    const GLint lengths[] = {(GLint)(rest - source), -1, -1};
    GLuint shader = glCreateShader(type);
    GLint ok = GL_FALSE;
    char text[1024] = "";

    glShaderSource(shader, 3, parts, lengths);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (ok)
        return shader;
    glGetShaderInfoLog(shader, sizeof text, NULL, text);
    log_error("%s: %s", name, text);
    glDeleteShader(shader);
    return 0;
}

static GLuint link_program(const char *name, GLuint first, GLuint second)
{
    GLuint program = glCreateProgram();
    GLint ok = GL_FALSE;
    char text[1024] = "";

    glAttachShader(program, first);
    if (second)
        glAttachShader(program, second);
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &ok);
    if (ok)
        return program;
    glGetProgramInfoLog(program, sizeof text, NULL, text);
    log_error("%s: not linked: %s", name, text);
    glDeleteProgram(program);
    return 0;
}

GLuint fl_gl_program(const char *name, const char *fragment, const char *defines)
{
    GLuint program = 0;
    GLuint vertex = compile("fullscreen.vert", GL_VERTEX_SHADER, fl_shader_fullscreen_vert, "");
    GLuint pixels = compile(name, GL_FRAGMENT_SHADER, fragment, defines);

    if (vertex && pixels)
        program = link_program(name, vertex, pixels);
    glDeleteShader(vertex); // the program keeps them; 0 is ignored
    glDeleteShader(pixels);
    return program;
}

GLuint fl_gl_compute(const char *name, const char *source, const char *defines)
{
    GLuint shader = compile(name, GL_COMPUTE_SHADER, source, defines);
    GLuint program = shader ? link_program(name, shader, 0) : 0;

    glDeleteShader(shader);
    return program;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenGL's
static void on_message(GLenum source, GLenum type, GLuint id, GLenum severity, GLsizei length,
                       const GLchar *text, const void *user)
{
    (void)source;
    (void)id;
    (void)length;
    (void)user;
    if (severity == GL_DEBUG_SEVERITY_HIGH)
        log_warn("driver: %s", text);
    else if (type != GL_DEBUG_TYPE_PUSH_GROUP && type != GL_DEBUG_TYPE_POP_GROUP)
        log_trace("driver: %s", text);
}

void fl_gl_log_messages(void)
{
    if (!epoxy_has_gl_extension("GL_KHR_debug"))
        return;
    glEnable(GL_DEBUG_OUTPUT);
    glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS); // on this thread, inside the call it is about
    glDebugMessageCallbackKHR(on_message, NULL);
}

GLenum fl_gl_error(void)
{
    GLenum first = GL_NO_ERROR;

    // Bounded: after a reset some drivers report an error for ever.
    for (int i = 0; i < 16; i++) {
        GLenum error = glGetError();
        if (error == GL_NO_ERROR)
            break;
        first = first == GL_NO_ERROR ? error : first;
    }
    return first;
}

bool fl_gl_ok(const char *where)
{
    GLenum error = fl_gl_error();

    if (error != GL_NO_ERROR)
        log_error("%s: 0x%04x", where, (unsigned)error);
    return error == GL_NO_ERROR;
}

void fl_gl_draw_fullscreen(void)
{
    glDrawArrays(GL_TRIANGLES, 0, 3); // fullscreen.vert makes the corners from gl_VertexID
}

GLuint fl_gl_buffer(GLenum target, size_t size, GLenum usage)
{
    GLuint buffer = 0;

    glGenBuffers(1, &buffer);
    glBindBuffer(target, buffer);
    glBufferData(target, (GLsizeiptr)size, NULL, usage);
    if (fl_gl_error() == GL_NO_ERROR)
        return buffer;
    glDeleteBuffers(1, &buffer);
    return 0;
}

// GL ES promises RGBA alone for reading; one channel where the driver offers it.
static void choose_reading(struct fl_target *self)
{
    GLint format = GL_RGBA, type = 0;

    self->read_type = self->format == GL_R32F ? GL_FLOAT : GL_UNSIGNED_BYTE;
    self->read_format = GL_RGBA;
    glGetIntegerv(GL_IMPLEMENTATION_COLOR_READ_FORMAT, &format);
    glGetIntegerv(GL_IMPLEMENTATION_COLOR_READ_TYPE, &type);
    if (self->format != GL_RGBA8 && format == GL_RED && (GLenum)type == self->read_type)
        self->read_format = GL_RED;
}

bool fl_target_init(struct fl_target *self, GLenum format, int32_t w, int32_t h)
{
    *self = (struct fl_target){.format = format, .w = w, .h = h};
    glGenTextures(1, &self->texture);
    glBindTexture(GL_TEXTURE_2D, self->texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, format, w, h);
    glGenFramebuffers(1, &self->fbo);
    glBindFramebuffer(GL_FRAMEBUFFER, self->fbo);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, self->texture, 0);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE && fl_gl_ok("target")) {
        choose_reading(self);
        return true;
    }
    log_error("cannot draw into %d x %d, format 0x%04x", w, h, (unsigned)format);
    fl_target_finish(self);
    return false;
}

void fl_target_finish(struct fl_target *self)
{
    glDeleteFramebuffers(1, &self->fbo);
    glDeleteTextures(1, &self->texture);
    *self = (struct fl_target){0};
}

size_t fl_target_texel(const struct fl_target *self)
{
    size_t component = self->read_type == GL_FLOAT ? 4 : 1;
    return self->read_format == GL_RED ? component : 4 * component;
}
