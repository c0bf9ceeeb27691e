#include "budget.h"

#include "server/data/memory.h"

#include <epoxy/gl.h>
#include <stdio.h>

// GL_NVX_gpu_memory_info, in KiB.
enum { TOTAL_MEMORY_NVX = 0x9048, AVAILABLE_MEMORY_NVX = 0x9049 };

static const uint64_t UNKNOWN_HARDWARE = (uint64_t)2 << 30;

static uint64_t driver_says(int name)
{
    GLint kib = 0;

    glGetIntegerv((GLenum)name, &kib);
    return kib > 0 ? (uint64_t)kib * 1024 : 0;
}

uint64_t fl_budget_default(bool software)
{
    if (software)
        return fl_memory_available() / 2;
    if (!epoxy_has_gl_extension("GL_NVX_gpu_memory_info"))
        return UNKNOWN_HARDWARE;
    uint64_t total = driver_says(TOTAL_MEMORY_NVX), left = driver_says(AVAILABLE_MEMORY_NVX);
    uint64_t bytes = left > 0 && left < total ? left : total;
    return bytes > 0 ? bytes / 4 * 3 : UNKNOWN_HARDWARE;
}

uint64_t fl_budget_left_now(bool software)
{
    if (software)
        return fl_memory_available();
    if (!epoxy_has_gl_extension("GL_NVX_gpu_memory_info"))
        return UINT64_MAX;
    uint64_t left = driver_says(AVAILABLE_MEMORY_NVX);
    return left > 0 ? left : UINT64_MAX;
}

struct fl_budget_text fl_budget_text(uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    struct fl_budget_text out = {{0}};
    double value = (double)bytes;
    int unit = 0;

    for (; value >= 999.5 && unit < 4; unit++)
        value /= 1000;
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    (void)snprintf(out.text, sizeof out.text, "%.*f %s", unit == 0 ? 0 : decimals, value,
                   units[unit]);
    return out;
}
