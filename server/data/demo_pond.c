#include "demo_scene.h"

#include "noise.h"

#include <math.h>
#include <stddef.h>

// Still water that mirrors what was painted before it, with reeds and water lilies.

static const float middle_x = 330, middle_y = 452, reach_x = 212, reach_y = 40;

// Below 1 inside. The shore is not quite an ellipse.
static float away(float x, float y)
{
    float u = (x - middle_x) / reach_x, v = (y - middle_y) / reach_y;
    float angle = atan2f(v, u);

    return hypotf(u, v) / (1 + 0.09F * sinf(angle * 3 + 0.6F) + 0.05F * sinf(angle * 5 + 2));
}

static struct fl_paint paint_shore(const void *user, float x, float y)
{
    float edge = away(x, y) + 0.04F * fl_noise_sum(x / 9, y / 5, 3, 141);
    struct fl_light earth = fl_light_mix(fl_light_of(0x3d3322), fl_light_of(0x8a7650),
                                         0.5F + fl_noise_sum(x / 5, y / 3, 3, 142));

    (void)user;
    return (struct fl_paint){earth, 0.9F * (1 - fl_smooth(1.02F, 1.1F, edge))};
}

static struct fl_paint paint_water(const void *user, float x, float y)
{
    const struct fl_canvas *before = user;
    float edge = away(x, y);

    if (edge > 1.02F)
        return (struct fl_paint){0};
    // The mirror image, drawn apart by small waves that grow towards us.
    float top = middle_y - 1.16F * reach_y; // above all water: it is not mirrored in itself
    float depth = y - top, near = depth / (2 * reach_y);
    float wave = fl_noise_sum(x / 30, y / (1.6F + 3 * near), 3, 151);
    float from_y = top - 6 - depth * 2.6F - 5 * wave;
    float from_x = x + 5 * fl_noise_sum(x / 20, y / 2, 2, 152);
    struct fl_light mirrored = fl_canvas_look(before, from_x, from_y);
    struct fl_light deep = fl_light_of(0x1d3a3c);
    float glint = fl_smooth(0.45F, 0.8F, wave) * near;
    struct fl_light light = fl_light_mix(deep, mirrored, 0.74F - 0.2F * near);

    light = fl_light_mix(light, fl_light_of(0xe6f0fa), 0.3F * glint);
    light = fl_light_scale(light, 1 - 0.5F * fl_smooth(0.86F, 1, edge)); // under the bank
    return (struct fl_paint){light, 1 - fl_smooth(0.985F, 1.015F, edge)};
}

static void draw_lily(struct fl_canvas *canvas, float x, float y, float r, bool blooms)
{
    fl_canvas_dab(canvas, &(struct fl_dab){x + 1, y + 1.5F, r, r * 0.36F, 0, 0.2F, 0.8F},
                  fl_light_of(0x10241c));
    fl_canvas_dab(canvas, &(struct fl_dab){x, y, r, r * 0.34F, 0, 0.1F, 1}, fl_light_of(0x3f7a35));
    fl_canvas_dab(canvas,
                  &(struct fl_dab){x - r * 0.2F, y - r * 0.06F, r * 0.7F, r * 0.2F, 0, 0.9F, 0.9F},
                  fl_light_of(0x8dbb55));
    fl_canvas_stroke(canvas, &(struct fl_stroke){x, y, x + r * 0.9F, y + r * 0.2F, 0.3F, r * 0.22F,
                                                 fl_light_of(0x1d3a3c), fl_light_of(0x1d3a3c)});
    for (int i = 0; blooms && i < 7; i++) {
        float angle = -3.0F + 0.46F * (float)i;
        fl_canvas_dab(canvas,
                      &(struct fl_dab){x + cosf(angle) * r * 0.26F,
                                       y - r * 0.1F + sinf(angle) * r * 0.22F, r * 0.26F, r * 0.11F,
                                       angle, 0.2F, 1},
                      fl_light_scale(fl_light_of(0xfbd3e2), 0.75F + 0.05F * (float)i));
    }
}

static void draw_reeds(struct fl_canvas *canvas, float x, float y, uint32_t seed)
{
    struct fl_random random = {seed};

    for (int i = 0; i < 26; i++) {
        float at = x + fl_random_range(&random, -20, 20),
              foot = y + fl_random_range(&random, -4, 5);
        float tall = fl_random_range(&random, 20, 46), lean = fl_random_range(&random, -7, 7);
        float bright = fl_random_range(&random, 0.6F, 1.2F);
        fl_canvas_stroke(canvas,
                         &(struct fl_stroke){at, foot, at + lean, foot - tall, 1.8F, 0.5F,
                                             fl_light_scale(fl_light_of(0x2f4a1c), bright),
                                             fl_light_scale(fl_light_of(0x9db256), bright)});
        if (i % 4 == 0) // a cattail
            fl_canvas_stroke(canvas, &(struct fl_stroke){
                                         at + lean, foot - tall, at + lean * 1.2F, foot - tall - 9,
                                         3.4F, 3.0F, fl_light_of(0x4a2c17), fl_light_of(0x7a4e2a)});
    }
}

void fl_demo_pond(struct fl_canvas *canvas)
{
    const float box[4] = {middle_x - 270, middle_y - 60, middle_x + 270, middle_y + 60};
    static const float lilies[][3] = {{240, 468, 13}, {268, 476, 15}, {222, 480, 14},
                                      {300, 482, 14}, {420, 462, 12}, {446, 470, 13},
                                      {404, 474, 14}, {352, 446, 9},  {372, 450, 9}};

    fl_canvas_fill(canvas, box, paint_shore, NULL);
    fl_canvas_fill(canvas, box, paint_water, canvas);
    for (uint32_t i = 0; i < sizeof lilies / sizeof lilies[0]; i++)
        draw_lily(canvas, lilies[i][0], lilies[i][1], lilies[i][2], i % 3 == 1);
    draw_reeds(canvas, 150, 452, 601);
    draw_reeds(canvas, 178, 472, 602);
    draw_reeds(canvas, 498, 448, 603);
    draw_reeds(canvas, 516, 462, 604);
}
