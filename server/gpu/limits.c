#include "limits.h"

#include <epoxy/gl.h>

enum {
    MIB = 1 << 20,
    SLICE = 4 * MIB,
    // A software renderer clears what it allocates, which takes it half a millisecond a MiB.
    SOFTWARE_TILE = 16 * MIB,
    TILE = 512 * MIB,
    MOST_LAYERS = 2048,
};

static int32_t query(GLenum name)
{
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value;
}

static int32_t power_of_two_below(int32_t value)
{
    int32_t power = 1;
    while (power <= value / 2)
        power *= 2;
    return power;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

struct fl_limits fl_limits_read(bool software, const struct fl_tuning *tuning)
{
    struct fl_limits limits = {
        .side = power_of_two_below(query(GL_MAX_TEXTURE_SIZE)),
        .layers = smaller(query(GL_MAX_ARRAY_TEXTURE_LAYERS), MOST_LAYERS),
        .uniforms = query(GL_MAX_UNIFORM_BLOCK_SIZE) / 16,
        .tile = software ? SOFTWARE_TILE : TILE,
        .slice = SLICE,
        .software = software && !(tuning && tuning->as_hardware),
    };

    // 64 KiB is what every driver that matters has; more would only make the block larger.
    limits.uniforms = smaller(limits.uniforms, 4096);
    if (tuning) {
        const struct fl_limits *wanted = &tuning->limits;
        limits.side = wanted->side ? wanted->side : limits.side;
        limits.layers = wanted->layers ? wanted->layers : limits.layers;
        limits.uniforms = wanted->uniforms ? wanted->uniforms : limits.uniforms;
        limits.tile = wanted->tile ? wanted->tile : limits.tile;
        limits.slice = wanted->slice ? wanted->slice : limits.slice;
    }
    return limits;
}
