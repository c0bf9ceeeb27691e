#define LOG_MODULE "egl"
#include "device.h"

#include "server/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EGL_DRM_RENDER_NODE_FILE_EXT // libepoxy 1.5.10 does not know it
#define EGL_DRM_RENDER_NODE_FILE_EXT 0x3377
#endif

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; at && (at = strstr(at, word)); at += len) {
        bool begins = at == words || at[-1] == ' ';
        if (begins && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}

static bool client_has(const char *extension)
{
    return epoxy_has_egl_extension(EGL_NO_DISPLAY, extension);
}

static void copy_string(EGLDeviceEXT device, EGLint name, char *out, size_t size)
{
    const char *text = eglQueryDeviceStringEXT(device, name); // may be NULL all the same

    (void)snprintf(out, size, "%s", text ? text : "");
}

static void ask(EGLDeviceEXT device, struct fl_device *out)
{
    const char *words = eglQueryDeviceStringEXT(device, EGL_EXTENSIONS);
    EGLAttrib cuda = -1;

    out->software = has_word(words, "EGL_MESA_device_software");
    if (has_word(words, "EGL_EXT_device_drm"))
        copy_string(device, EGL_DRM_DEVICE_FILE_EXT, out->card, sizeof out->card);
    if (has_word(words, "EGL_EXT_device_drm_render_node"))
        copy_string(device, EGL_DRM_RENDER_NODE_FILE_EXT, out->render, sizeof out->render);
    if (has_word(words, "EGL_NV_device_cuda") &&
        eglQueryDeviceAttribEXT(device, EGL_CUDA_DEVICE_NV, &cuda))
        out->cuda = (int)cuda;
}

static void add(struct fl_devices *self, const struct fl_device *device)
{
    EGLint major = 0, minor = 0;

    if (self->n == FL_DEVICES || device->display == EGL_NO_DISPLAY)
        return;
    if (eglInitialize(device->display, &major, &minor))
        self->list[self->n++] = *device;
    else
        log_debug("a device does not initialise (0x%04x)", (unsigned)eglGetError());
}

void fl_devices_open(struct fl_devices *self)
{
    EGLDeviceEXT handles[FL_DEVICES] = {0};
    EGLint n = 0;
    bool enumerates =
        client_has("EGL_EXT_device_base") ||
        (client_has("EGL_EXT_device_enumeration") && client_has("EGL_EXT_device_query"));

    *self = (struct fl_devices){0};
    if (!client_has("EGL_EXT_platform_base") || !client_has("EGL_EXT_platform_device") ||
        !enumerates || !eglQueryDevicesEXT(FL_DEVICES, handles, &n))
        return;
    for (EGLint i = 0; i < n; i++) {
        struct fl_device device = {.cuda = -1};
        ask(handles[i], &device);
        device.display = eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, handles[i], NULL);
        add(self, &device);
    }
}

void fl_devices_add_surfaceless(struct fl_devices *self)
{
    struct fl_device device = {.cuda = -1, .surfaceless = true};

    if (!client_has("EGL_EXT_platform_base") || !client_has("EGL_MESA_platform_surfaceless"))
        return;
    device.display =
        eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    add(self, &device);
}

void fl_devices_close(struct fl_devices *self, const struct fl_device *keep)
{
    for (int i = 0; i < self->n; i++) {
        if (!keep || self->list[i].display != keep->display)
            eglTerminate(self->list[i].display);
    }
    self->n = 0;
}

void fl_devices_describe(const struct fl_devices *self, char *out, size_t size)
{
    size_t used = 0;

    (void)snprintf(out, size, "none");
    for (int i = 0; i < self->n && used < size; i++) {
        const struct fl_device *it = &self->list[i];
        const char *path = it->card[0] ? it->card : it->render;
        const char *kind = it->software ? "software" : path[0] ? path : "a GPU";
        char cuda[24] = "";

        if (it->surfaceless)
            continue; // not to be asked for by number
        if (it->cuda >= 0)
            (void)snprintf(cuda, sizeof cuda, ", cuda:%d", it->cuda);
        int n = snprintf(out + used, size - used, "%s%d: %s%s", used ? "; " : "", i, kind, cuda);
        used += n > 0 ? (size_t)n : 0;
    }
}

static bool parse_number(const char *text, int *out)
{
    char *end = NULL;

    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < 0 || value >= FL_DEVICES)
        return false;
    *out = (int)value;
    return true;
}

bool fl_wanted_device_parse(const char *which, struct fl_wanted_device *out)
{
    *out = (struct fl_wanted_device){.kind = FL_DEVICE_AUTO};
    if (!which || strcmp(which, "auto") == 0)
        return true;
    if (which[0] == '/') {
        out->kind = FL_DEVICE_PATH;
        out->path = which;
        return true;
    }
    out->kind = FL_DEVICE_NUMBER;
    if (strncmp(which, "cuda:", 5) == 0) {
        out->kind = FL_DEVICE_CUDA;
        which += 5;
    }
    return parse_number(which, &out->number);
}

bool fl_wanted_device_is(const struct fl_wanted_device *wanted, const struct fl_devices *devices,
                         int number)
{
    const struct fl_device *device = &devices->list[number];

    switch (wanted->kind) {
    case FL_DEVICE_AUTO:
        return true;
    case FL_DEVICE_NUMBER:
        return number == wanted->number && !device->surfaceless;
    case FL_DEVICE_PATH:
        return strcmp(wanted->path, device->card) == 0 || strcmp(wanted->path, device->render) == 0;
    case FL_DEVICE_CUDA:
        return device->cuda == wanted->number;
    }
    return false;
}
