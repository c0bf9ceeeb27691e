#include "demo_scene.h"

#include "noise.h"

#include <math.h>

// What grows near by: blades of grass, flowers, mushrooms.

static const float full_turn = 6.28318531F;

static float nearness(float y)
{
    return fminf(1, fmaxf(0, (y - 318) / (FL_DEMO_H - 318)));
}

void fl_demo_grass(struct fl_canvas *canvas, float from, float to)
{
    struct fl_random random = {(uint32_t)from * 7919};

    for (float y = from; y < to;) {
        float near = nearness(y), tall = 2.5F + 24 * near * near;
        int n = (int)(FL_DEMO_W / (1.7F + 4.2F * near));
        for (int i = 0; i < n; i++) {
            float x = fl_random_range(&random, -5, FL_DEMO_W + 5);
            float foot = y + fl_random_range(&random, -1, 1) * (1 + 2 * near);
            float length = tall * fl_random_range(&random, 0.5F, 1.3F);
            float lean =
                (fl_random_range(&random, -0.5F, 0.6F) + 0.2F * fl_noise(x / 60, y / 30, 111)) *
                length;
            struct fl_light light = fl_demo_grass_light(x, foot);
            float tone = fl_random_unit(&random);
            struct fl_light tip = fl_light_mix(fl_light_scale(light, 1.15F), fl_light_of(0xd3d97a),
                                               tone > 0.86F ? 0.6F : 0.25F * tone);
            fl_canvas_stroke(
                canvas,
                &(struct fl_stroke){x, foot, x + lean, foot - length, 0.7F + 1.5F * near, 0.35F,
                                    fl_light_scale(light, 0.5F + 0.3F * (1 - near)), tip});
        }
        y += 1.1F + 2.4F * near;
    }
}

void fl_demo_tuft(struct fl_canvas *canvas, float x, float y, float reach)
{
    struct fl_random random = {(uint32_t)(x * 31 + y)};
    float near = nearness(y), tall = 3.5F + 20 * near * near;

    for (int i = 0; i < (int)(reach * 2.4F) + 6; i++) {
        float at = x + fl_random_range(&random, -1, 1) * reach,
              lean = fl_random_range(&random, -0.35F, 0.35F);
        float length = tall * fl_random_range(&random, 0.5F, 1.3F);
        struct fl_light light = fl_demo_grass_light(at, y);
        fl_canvas_stroke(canvas,
                         &(struct fl_stroke){at, y + 1.5F, at + lean * length, y + 1.5F - length,
                                             0.9F + 1.5F * near, 0.4F, fl_light_scale(light, 0.55F),
                                             fl_light_scale(light, 1.15F)});
    }
}

static void draw_daisy(struct fl_canvas *canvas, float x, float y, float r,
                       struct fl_random *random)
{
    float turn = fl_random_range(random, 0, full_turn), flat = 0.62F;

    fl_canvas_stroke(canvas,
                     &(struct fl_stroke){x, y, x + r * 0.4F, y + r * 3, r * 0.22F, r * 0.25F,
                                         fl_light_of(0x5f8a33), fl_light_of(0x2c4718)});
    for (int i = 0; i < 13; i++) {
        float angle = turn + full_turn * (float)i / 13;
        float px = x + cosf(angle) * r * 0.62F, py = y + sinf(angle) * r * 0.62F * flat;
        float bright = 0.86F - 0.2F * sinf(angle + 0.6F);
        fl_canvas_dab(canvas,
                      &(struct fl_dab){px, py, r * 0.42F, r * 0.15F,
                                       atan2f(sinf(angle) * flat, cosf(angle)), 0.25F, 1},
                      fl_light_scale(fl_light_of(0xffffff), bright));
    }
    fl_canvas_dab(canvas, &(struct fl_dab){x, y, r * 0.3F, r * 0.23F, 0, 0.3F, 1},
                  fl_light_of(0xc98a12));
    fl_canvas_dab(canvas,
                  &(struct fl_dab){x - r * 0.06F, y - r * 0.06F, r * 0.2F, r * 0.14F, 0, 0.8F, 1},
                  fl_light_of(0xf7cf3d));
}

static void draw_cornflower(struct fl_canvas *canvas, float x, float y, float r,
                            struct fl_random *random)
{
    fl_canvas_stroke(canvas,
                     &(struct fl_stroke){x, y, x - r * 0.5F, y + r * 3.4F, r * 0.2F, r * 0.25F,
                                         fl_light_of(0x5f8a53), fl_light_of(0x2c4728)});
    for (int i = 0; i < 22; i++) {
        float angle = fl_random_range(random, 0, full_turn),
              away = r * fl_random_range(random, 0.2F, 0.8F);
        float bright = fl_random_range(random, 0.6F, 1.2F);
        fl_canvas_dab(canvas,
                      &(struct fl_dab){x + cosf(angle) * away, y + sinf(angle) * away * 0.7F,
                                       r * 0.28F, r * 0.13F, angle, 0.3F, 1},
                      fl_light_scale(fl_light_of(0x4a5fd6), bright));
    }
    fl_canvas_dab(canvas, &(struct fl_dab){x, y, r * 0.2F, r * 0.16F, 0, 0.6F, 1},
                  fl_light_of(0x4b2b86));
}

void fl_demo_flowers(struct fl_canvas *canvas)
{
    struct fl_random random = {4242};

    for (int i = 0; i < 149; i++) { // far ones first
        float y = 500 + 0.9F * (float)i;
        float x = fl_random_range(&random, 0, FL_DEMO_W), r = 3.2F + 7 * nearness(y) * nearness(y);
        float bed = fl_noise(x / 150, y / 60, 121); // each kind keeps to itself
        if (bed > 0.1F)
            draw_daisy(canvas, x, y, r, &random);
        else if (bed < -0.12F)
            draw_cornflower(canvas, x, y, r * 0.9F, &random);
    }
}

struct cap { // a mushroom's: the upper half of an ellipse and a shallow rim below
    float x, y, rx, ry;
    uint32_t seed;
};

static struct fl_paint paint_cap(const void *user, float x, float y)
{
    const struct cap *cap = user;
    float u = (x - cap->x) / cap->rx, v = (y - cap->y) / cap->ry;
    float inside = v < 0 ? 1 - sqrtf(u * u + v * v) : 1 - sqrtf(u * u + v * v * 16);

    if (inside < 0)
        return (struct fl_paint){0};
    // As a ball, lit from the upper left.
    float z = sqrtf(fmaxf(0, 1 - u * u - v * v));
    float bright = fmaxf(0.1F, 0.25F + 0.75F * (-0.5F * u - 0.6F * v + 0.62F * z));
    struct fl_light light =
        fl_light_scale(fl_light_mix(fl_light_of(0xb0130e), fl_light_of(0xe8341c), z), bright);
    float shine = expf(-((u + 0.36F) * (u + 0.36F) + (v + 0.56F) * (v + 0.56F)) * 22);
    light = fl_light_mix(light, fl_light_of(0xfff0e0), 0.5F * shine);
    return (struct fl_paint){light, fl_smooth(0, 0.03F, inside)};
}

static void draw_spots(struct fl_canvas *canvas, const struct cap *cap)
{
    struct fl_random random = {cap->seed};

    for (int i = 0; i < 15; i++) {
        // Evenly over the half ball, by the golden angle; seen from the front.
        float up = 0.08F + 0.84F * ((float)i + 0.5F) / 15, around = 2.39996F * (float)i + 0.4F;
        float ring = sqrtf(1 - up * up), u = ring * cosf(around), depth = ring * sinf(around);
        if (depth < -0.25F)
            continue; // behind
        float v = -up * 0.92F + depth * 0.12F;
        float size = cap->rx * 0.105F * fl_random_range(&random, 0.75F, 1.25F);
        float bright = fminf(1, 0.72F - 0.3F * u - 0.25F * v);
        const struct fl_dab dab = {cap->x + u * cap->rx * 0.95F,
                                   cap->y + v * cap->ry,
                                   size * sqrtf(fmaxf(0.15F, 1 - u * u)),
                                   size * 0.8F,
                                   0,
                                   0.25F,
                                   1};
        struct fl_dab under = dab;
        under.x += size * 0.2F;
        under.y += size * 0.25F;
        fl_canvas_dab(canvas, &under, fl_light_of(0x6b0a08));
        fl_canvas_dab(canvas, &dab, fl_light_scale(fl_light_of(0xfff8ea), bright));
    }
}

static struct fl_paint paint_stem(const void *user, float x, float y)
{
    const struct cap *cap = user;
    float v = (y - cap->y) / (cap->ry * 1.55F); // 0 under the cap, 1 on the ground
    float half = cap->rx * (0.2F + 0.1F * v * v + 0.03F * sinf(v * 9)), u = (x - cap->x) / half;

    if (v < 0 || v > 1 || fabsf(u) > 1)
        return (struct fl_paint){0};
    float bright =
        (0.95F - 0.42F * (u + 0.35F) * (u + 0.35F)) * (0.55F + 0.45F * fl_smooth(0.05F, 0.4F, v));
    bright *= 1 + 0.1F * fl_noise_sum(x / 2, y / 9, 2, 131);
    return (struct fl_paint){fl_light_scale(fl_light_of(0xf3e9d2), bright),
                             fl_smooth(1, 0.9F, fabsf(u))};
}

static void draw_mushroom(struct fl_canvas *canvas, float x, float y, float r, uint32_t seed)
{
    const struct cap cap = {x, y - r * 1.2F, r, r * 0.82F, seed};
    const float stem[4] = {x - r, cap.y, x + r, y + r * 0.3F};
    const float top[4] = {x - r, cap.y - r, x + r, cap.y + r * 0.3F};

    fl_canvas_darken(
        canvas,
        &(struct fl_dab){x + r * 0.7F, y + r * 0.08F, r * 1.3F, r * 0.24F, 0.06F, 0.7F, 0.8F},
        fl_light_of(0x4d5a70));
    fl_canvas_fill(canvas, stem, paint_stem, &cap);
    // Gills, seen a little from below.
    fl_canvas_dab(canvas, &(struct fl_dab){x, cap.y + r * 0.05F, r * 0.9F, r * 0.2F, 0, 0.1F, 1},
                  fl_light_of(0x9c8a6c));
    fl_canvas_fill(canvas, top, paint_cap, &cap);
    draw_spots(canvas, &cap);
    fl_demo_tuft(canvas, x, y + r * 0.15F, r * 0.5F);
}

void fl_demo_mushrooms(struct fl_canvas *canvas)
{
    static const float spots[][3] = {
        // x, y, size
        {598, 548, 15}, {430, 556, 13}, {214, 566, 17}, {730, 580, 19}, {118, 592, 22},
        {505, 596, 20}, {168, 612, 15}, {842, 612, 24}, {385, 618, 24},
    };

    for (uint32_t i = 0; i < sizeof spots / sizeof spots[0]; i++)
        draw_mushroom(canvas, spots[i][0], spots[i][1], spots[i][2], 500 + i);
}
