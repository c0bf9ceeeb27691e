#define LOG_MODULE "egl"
#include "egl.h"

#include "device.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <dlfcn.h>
#include <epoxy/egl.h>
#include <epoxy/gl.h>
#include <stdio.h>
#include <string.h>

struct fl_egl {
    EGLDisplay display;
    EGLContext context;
    bool software;
    bool robust; // the context tells when it was lost
};

static void missing(void)
{
}

// libepoxy ends the process when a function is missing. What is called here is checked for by version
// or extension first; for the rest, a function that does nothing is better.
static epoxy_resolver_stub_t on_missing(const char *name)
{
    log_debug("the driver lacks %s", name);
    return missing;
}

// libepoxy also ends the process when it does not find the libraries themselves.
static enum fl_err check_libraries(struct fl_error *error)
{
    void *gles = dlopen("libGLESv2.so.2", RTLD_LAZY | RTLD_LOCAL);

    if (!gles || !epoxy_has_egl()) {
        if (gles)
            dlclose(gles);
        return fl_fail(error, FL_ERR_GPU,
                       "libEGL.so.1 or libGLESv2.so.2 is not installed; install the packages "
                       "libegl1 and libgles2.");
    }
    dlclose(gles);
    epoxy_set_resolver_failure_handler(on_missing);
    return FL_OK;
}

static EGLContext create_context(EGLDisplay display, EGLint minor, bool robust)
{
    const EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION,
                                 3,
                                 EGL_CONTEXT_MINOR_VERSION,
                                 minor,
                                 robust ? EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT
                                        : EGL_NONE,
                                 EGL_LOSE_CONTEXT_ON_RESET_EXT,
                                 EGL_NONE};

    return eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
}

static bool is_software(void)
{
    static const char *const names[] = {"llvmpipe", "softpipe", "swrast", "SwiftShader"};
    const GLubyte *renderer = glGetString(GL_RENDERER);

    for (size_t i = 0; renderer && i < sizeof names / sizeof *names; i++) {
        if (strcasestr((const char *)renderer, names[i]))
            return true;
    }
    return false;
}

// Why the context that is current cannot be used; NULL: it can.
static const char *lacking(void)
{
    if (epoxy_gl_version() < 31)
        return "it has only OpenGL ES 3.0 and 3.1 is needed";
    if (!epoxy_has_gl_extension("GL_EXT_color_buffer_float"))
        return "it cannot draw into float32 textures (GL_EXT_color_buffer_float)";
    return NULL;
}

static const char *open_context(struct fl_egl *egl, const struct fl_device *device)
{
    bool can_tell = epoxy_has_egl_extension(device->display, "EGL_EXT_create_context_robustness");

    egl->display = device->display;
    if (!eglBindAPI(EGL_OPENGL_ES_API))
        return "it has no OpenGL ES";
    if (!epoxy_has_egl_extension(egl->display, "EGL_KHR_no_config_context") ||
        !epoxy_has_egl_extension(egl->display, "EGL_KHR_surfaceless_context"))
        return "it has no contexts without a surface";
    if (can_tell)
        egl->context = create_context(egl->display, 1, true);
    egl->robust = egl->context != EGL_NO_CONTEXT;
    if (!egl->robust)
        egl->context = create_context(egl->display, 1, false);
    if (egl->context == EGL_NO_CONTEXT)
        return "it has no OpenGL ES 3.1";
    if (!eglMakeCurrent(egl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, egl->context))
        return "its context cannot be used (MIG slices of a GPU have no graphics)";
    const char *lack = lacking();
    if (lack)
        return lack;
    egl->software = is_software();
    return NULL;
}

static void close_context(struct fl_egl *egl)
{
    if (egl->context != EGL_NO_CONTEXT) {
        eglMakeCurrent(egl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(egl->display, egl->context);
    }
    *egl = (struct fl_egl){0};
}

// The last refusal is kept in `why`.
static bool try_device(struct fl_egl *egl, const struct fl_device *device, bool software,
                       const char **why)
{
    const char *lack = open_context(egl, device);

    if (!lack && egl->software && !software)
        lack = "it is a software renderer";
    if (!lack)
        return true;
    log_debug("a device is not taken: %s", lack);
    close_context(egl);
    *why = lack;
    return false;
}

static const struct fl_device *try_all(struct fl_egl *egl, const struct fl_devices *devices,
                                       const struct fl_wanted_device *wanted, bool software,
                                       const char **why)
{
    // Hardware first, whatever the order they come in.
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < devices->n; i++) {
            const struct fl_device *device = &devices->list[i];
            if (device->software != (round == 1) || !fl_wanted_device_is(wanted, devices, i))
                continue;
            if (device->software && !software)
                *why = "it is a software renderer";
            else if (try_device(egl, device, software, why))
                return device;
        }
    }
    return NULL;
}

static enum fl_err refuse_all(const char *found, bool software, struct fl_error *error)
{
    if (software)
        return fl_fail(error, FL_ERR_GPU,
                       "There is neither a usable GPU nor a software renderer (found: %s); install "
                       "the GPU's driver or Mesa (libegl-mesa0, libgl1-mesa-dri).",
                       found);
    return fl_fail(error, FL_ERR_GPU,
                   "There is no usable GPU (found: %s); install its driver, in containers with the "
                   "\"graphics\" capability, or pass --software to compute on the processor.",
                   found);
}

static enum fl_err refuse(const char *which, const struct fl_devices *devices, const char *why,
                          struct fl_error *error)
{
    char found[256] = "";

    fl_devices_describe(devices, found, sizeof found);
    if (why)
        return fl_fail(error, FL_ERR_GPU,
                       "The GPU \"%s\" cannot be used: %s; choose another with --gpu (found: %s) "
                       "or pass --software.",
                       which, why, found);
    return fl_fail(error, FL_ERR_GPU,
                   "There is no GPU \"%s\"; give --gpu auto or one of those found: %s.", which,
                   found);
}

static enum fl_err choose(struct fl_egl *egl, const char *which, bool software,
                          struct fl_error *error)
{
    struct fl_wanted_device wanted = {0};
    struct fl_devices devices = {0};
    const char *why = NULL;

    if (!fl_wanted_device_parse(which, &wanted))
        return fl_fail(error, FL_ERR_RANGE,
                       "\"%s\" is no GPU; give --gpu auto, a number, /dev/dri/... or cuda:N.",
                       which);
    fl_devices_open(&devices);
    const struct fl_device *taken = try_all(egl, &devices, &wanted, software, &why);
    if (!taken && wanted.kind == FL_DEVICE_AUTO) {
        fl_devices_add_surfaceless(&devices);
        taken = try_all(egl, &devices, &wanted, software, &why);
    }
    enum fl_err err = FL_OK;
    if (!taken && wanted.kind == FL_DEVICE_AUTO) {
        char found[256] = "";
        fl_devices_describe(&devices, found, sizeof found);
        err = refuse_all(found, software, error);
    } else if (!taken) {
        err = refuse(which, &devices, why, error);
    }
    fl_devices_close(&devices, taken);
    return err;
}

struct fl_egl *fl_egl_create(const char *which, bool software, struct fl_error *error)
{
    struct fl_egl *egl = fl_new(struct fl_egl);

    if (check_libraries(error) || choose(egl, which, software, error)) {
        free(egl);
        return NULL;
    }
    log_info("%s, %s%s", (const char *)glGetString(GL_RENDERER),
             (const char *)glGetString(GL_VERSION),
             egl->robust ? "" : "; it does not tell when it is reset");
    return egl;
}

void fl_egl_destroy(struct fl_egl *egl)
{
    if (!egl)
        return;
    EGLDisplay display = egl->display;
    close_context(egl);
    eglTerminate(display);
    eglReleaseThread();
    free(egl);
}

bool fl_egl_is_software(const struct fl_egl *egl)
{
    return egl->software;
}

unsigned fl_egl_reset_status(const struct fl_egl *egl)
{
    if (!egl->robust)
        return 0;
    if (epoxy_has_gl_extension("GL_KHR_robustness"))
        return glGetGraphicsResetStatusKHR();
    if (epoxy_has_gl_extension("GL_EXT_robustness"))
        return glGetGraphicsResetStatusEXT();
    return 0;
}
