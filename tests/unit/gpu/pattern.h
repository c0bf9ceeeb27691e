#pragma once

#include "rig.h"

// Maps whose every value follows from a seed, so that a frame shows whose it is.

enum { D = 8 };

static inline float pattern(int32_t seed, size_t i)
{
    return (float)((i * 37 + (size_t)seed * 101) % 97) / 97 + 0.01F;
}

static inline struct fl_map *make_map(int32_t seed, int32_t w, int32_t h)
{
    size_t n = (size_t)w * (size_t)h * D;
    float *values = malloc(n * sizeof *values);

    EXPECT(values != NULL);
    for (size_t i = 0; i < n; i++)
        values[i] = pattern(seed, i);
    struct fl_map *map = rig_map(values, w, h, D);
    free(values);
    return map;
}

// Whether the frame shows this map: channel 3 is told bit for bit.
static inline void expect_shows(const struct fl_frame *frame, int32_t seed)
{
    if (frame->error.code)
        fprintf(stderr, "  %s\n", frame->error.text);
    EXPECT(!frame->error.code);
    for (int32_t i = 0; i < frame->w * frame->h; i++)
        EXPECT(rig_value(frame, i % frame->w, i / frame->w) == pattern(seed, (size_t)i * D + 3));
}

static inline struct fl_render channel_three(const struct fl_map *map)
{
    struct fl_render render = rig_render(map, 0, 0);

    render.mode = FL_MODE_CHANNEL;
    render.channel = 3;
    return render;
}
