#include "demo_scene.h"

#include "noise.h"

#include <math.h>

// Darker towards the corners, and a little grain, as a camera would have it.
static struct fl_paint paint_finish(const void *user, float x, float y)
{
    const struct fl_canvas *canvas = user;
    float u = x / FL_DEMO_W - 0.5F, v = y / FL_DEMO_H - 0.5F;
    float grain = fl_noise_cell((int32_t)(x * 2), (int32_t)(y * 2), 161) - 0.5F;
    float bright = (1.04F - 0.42F * (u * u + v * v)) * (1 + 0.05F * grain);

    return (struct fl_paint){fl_light_scale(fl_canvas_look(canvas, x, y), bright), 1};
}

static void plant_wood(struct fl_canvas *canvas)
{
    static const float firs[][3] = {{300, 334, 66}, {338, 338, 82}, {262, 338, 74}, {372, 336, 62},
                                    {408, 342, 86}, {446, 338, 70}, {232, 342, 60}, {20, 336, 74},
                                    {60, 340, 84},  {905, 336, 70}, {944, 342, 92}};

    for (uint32_t i = 0; i < sizeof firs / sizeof firs[0]; i++)
        fl_demo_fir(canvas, firs[i][0], firs[i][1], firs[i][2], 300 + i);
    fl_demo_round_tree(canvas, 488, 346, 74, 401);
    fl_demo_round_tree(canvas, 196, 348, 80, 402);
}

void fl_demo_paint(struct fl_canvas *canvas)
{
    const float all[4] = {0, 0, FL_DEMO_W, FL_DEMO_H};

    fl_demo_sky(canvas);
    fl_demo_mountains(canvas);
    fl_demo_hills(canvas);
    fl_demo_meadow(canvas);
    fl_demo_grass(canvas, 326, 498);
    plant_wood(canvas);
    fl_demo_round_tree(canvas, 556, 398, 150, 403);
    fl_demo_house(canvas, 590, 418);
    fl_demo_fir(canvas, 878, 424, 178, 321);
    fl_demo_fir(canvas, 932, 438, 150, 322);
    fl_demo_round_tree(canvas, 96, 428, 236, 404);
    fl_demo_pond(canvas);
    fl_demo_fence(canvas);
    fl_demo_grass(canvas, 498, 632);
    fl_demo_flowers(canvas);
    fl_demo_mushrooms(canvas);
    fl_demo_grass(canvas, 640, 664);
    fl_canvas_fill(canvas, all, paint_finish, canvas);
}
