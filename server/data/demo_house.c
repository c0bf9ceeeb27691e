#include "demo_scene.h"

#include "noise.h"

#include <math.h>

// What people built: a brick house with a tiled roof, and a picket fence.

enum { WALL_W = 252, WALL_H = 124, ROOF_H = 78, EAVES = 14 };

static const float brick_w = 13, brick_h = 6.2F;

struct house {
    float x, y; // left bottom corner of the wall
};

static struct fl_light brick_light(float u, float v)
{
    float row = floorf(v / brick_h);
    float along = u / brick_w + (fmodf(row, 2) == 0 ? 0 : 0.5F);
    float in_x = (along - floorf(along)) * brick_w, in_y = v - row * brick_h;
    float tone = fl_noise_cell((int32_t)floorf(along), (int32_t)row, 81);
    float rough = 1 + 0.28F * fl_noise_sum(u / 2.2F, v / 2.2F, 2, 82);
    struct fl_light brick = fl_light_mix(fl_light_of(0x7d3324), fl_light_of(0xb9604a), tone);

    if (tone > 0.93F)
        brick = fl_light_of(0x5b2a26); // burnt ones
    float mortar = fminf(fminf(in_x, brick_w - in_x), fminf(in_y, brick_h - in_y));
    brick = fl_light_mix(fl_light_of(0xb5a793), brick, fl_smooth(0.35F, 0.9F, mortar));
    return fl_light_scale(brick, rough);
}

static struct fl_paint paint_wall(const void *user, float x, float y)
{
    const struct house *house = user;
    float u = x - house->x, v = y - (house->y - WALL_H);
    float eaves = 0.5F + 0.5F * fl_smooth(8, 17, v); // the roof's shadow
    float foot = 1 - 0.25F * fl_smooth(WALL_H - 12, WALL_H, v);
    float across = 1.06F - 0.22F * u / WALL_W;
    struct fl_light light = v > WALL_H - 9 ? fl_light_of(0x8b857b) : brick_light(u, v);

    if (v > WALL_H - 9) // a plinth of stone
        light = fl_light_scale(light, 1 + 0.3F * fl_noise_sum(u / 9, v / 5, 3, 83));
    return (struct fl_paint){fl_light_scale(light, eaves * foot * across), 1};
}

static struct fl_paint paint_roof(const void *user, float x, float y)
{
    const struct house *house = user;
    float top = house->y - WALL_H - ROOF_H;
    float v = (y - top) / ROOF_H; // 0 at the ridge, 1 at the eaves
    float left = house->x - EAVES + (1 - v) * 34, right = house->x + WALL_W + EAVES - (1 - v) * 34;
    float u = (x - left) / (right - left) * (WALL_W + 2 * EAVES);

    if (v < 0 || v > 1 || u < 0 || x > right)
        return (struct fl_paint){0};
    float row = floorf(v * 13), in_row = v * 13 - row;
    float along = u / 8 + (fmodf(row, 2) == 0 ? 0 : 0.5F);
    float in_tile = along - floorf(along) - 0.5F;
    float tone = fl_noise_cell((int32_t)floorf(along), (int32_t)row, 91);
    struct fl_light tile = fl_light_mix(fl_light_of(0x6d4238), fl_light_of(0xa8705a), tone);
    float round = 1.15F - 0.9F * (in_tile + 0.25F) * (in_tile + 0.25F) * 2;
    float lap = 0.45F + 0.55F * fl_smooth(0, 0.35F, in_row); // in the shadow of the row above
    float moss = fl_smooth(0.25F, 0.6F, fl_noise_sum(x / 40, y / 22, 4, 92));

    tile = fl_light_mix(tile, fl_light_of(0x6f7446), 0.55F * moss);
    return (struct fl_paint){fl_light_scale(tile, round * lap * (1.1F - 0.25F * u / WALL_W)), 1};
}

static struct fl_paint paint_flat(const void *user, float x, float y)
{
    (void)x;
    (void)y;
    return (struct fl_paint){*(const struct fl_light *)user, 1};
}

static void draw_box(struct fl_canvas *canvas, float x, float y, float w, float h,
                     struct fl_light light)
{
    const float box[4] = {x, y, x + w, y + h};

    fl_canvas_fill(canvas, box, paint_flat, &light);
}

struct pane {
    float x, y, w, h;
};

// Glass: the sky above, the room behind, and a slanting gleam.
static struct fl_paint paint_glass(const void *user, float x, float y)
{
    const struct pane *pane = user;
    float u = (x - pane->x) / pane->w, v = (y - pane->y) / pane->h;
    struct fl_light light = fl_light_mix(fl_light_of(0x9fc0dd), fl_light_of(0x26323d),
                                         fl_smooth(-0.1F, 0.85F, v + 0.25F * u));
    float gleam = fl_smooth(0.16F, 0.1F, fabsf(u + 0.6F * v - 0.55F));

    return (struct fl_paint){fl_light_mix(light, fl_light_of(0xe8f2fa), 0.45F * gleam), 1};
}

static void draw_window(struct fl_canvas *canvas, float x, float y)
{
    const struct fl_light white = fl_light_of(0xf1ede4), shade = fl_light_of(0xa9a79f);
    const struct fl_light green = fl_light_of(0x2f5d50), dark = fl_light_of(0x1f4038);
    const float w = 26, h = 36;

    for (int side = 0; side < 2; side++) { // shutters
        float left = side == 0 ? x - 14 : x + w + 2;
        draw_box(canvas, left, y - 1, 12, h + 2, green);
        for (int slat = 0; slat < 12; slat++)
            draw_box(canvas, left + 1.5F, y + 1 + 3 * (float)slat, 9, 1.2F, dark);
    }
    draw_box(canvas, x - 2, y - 2, w + 4, h + 4, shade);
    draw_box(canvas, x - 2, y - 2, w + 3, h + 3, white);
    struct pane pane = {x + 1, y + 1, w - 2, h - 2};
    const float box[4] = {pane.x, pane.y, pane.x + pane.w, pane.y + pane.h};
    fl_canvas_fill(canvas, box, paint_glass, &pane);
    draw_box(canvas, x + w / 2 - 1, y, 2, h, white);
    draw_box(canvas, x, y + h * 0.38F, w, 2, white);
    draw_box(canvas, x - 4, y + h + 2, w + 8, 3, white); // sill and its shadow
    draw_box(canvas, x - 4, y + h + 5, w + 8, 2.5F, fl_light_of(0x4a211a));
}

static void draw_door(struct fl_canvas *canvas, float x, float y)
{
    const struct fl_light white = fl_light_of(0xf1ede4), blue = fl_light_of(0x2a4a7a);

    draw_box(canvas, x - 4, y - 58, 38, 58, white);
    draw_box(canvas, x, y - 54, 30, 54, blue);
    for (int panel = 0; panel < 4; panel++) {
        float left = x + (panel % 2 == 0 ? 3 : 16), top = y - (panel < 2 ? 36 : 18);
        draw_box(canvas, left, top, 11, 14, fl_light_scale(blue, 0.6F));
        draw_box(canvas, left + 1, top + 1, 10, 13, fl_light_scale(blue, 1.25F));
    }
    struct pane pane = {x + 3, y - 51, 24, 11};
    const float box[4] = {pane.x, pane.y, pane.x + pane.w, pane.y + pane.h};
    fl_canvas_fill(canvas, box, paint_glass, &pane);
    fl_canvas_dab(canvas, &(struct fl_dab){x + 26, y - 26, 1.6F, 1.6F, 0, 0.2F, 1},
                  fl_light_of(0xe6c45c));
    draw_box(canvas, x - 8, y, 46, 4, fl_light_of(0xb7b0a4));
    draw_box(canvas, x - 8, y + 4, 46, 3, fl_light_of(0x6d675e));
}

void fl_demo_house(struct fl_canvas *canvas, float x, float y)
{
    const struct house house = {x, y}, chimney = {x + 184, y - WALL_H - 36};
    const float wall[4] = {x, y - WALL_H, x + WALL_W, y};
    const float roof[4] = {x - EAVES, y - WALL_H - ROOF_H, x + WALL_W + EAVES, y - WALL_H + 2};
    const float stack[4] = {chimney.x, chimney.y - 66, chimney.x + 22, chimney.y};

    // The shadow falls to the right, over the grass.
    fl_canvas_darken(canvas, &(struct fl_dab){x + WALL_W + 10, y + 3, 74, 13, 0.05F, 0.5F, 0.8F},
                     fl_light_of(0x6d7a92));
    fl_canvas_fill(canvas, stack, paint_wall, &chimney);
    draw_box(canvas, chimney.x - 3, chimney.y - 70, 28, 6, fl_light_of(0x96887a));
    fl_canvas_fill(canvas, wall, paint_wall, &house);
    fl_canvas_fill(canvas, roof, paint_roof, &house);
    draw_box(canvas, x - EAVES, y - WALL_H + 1, WALL_W + 2 * EAVES, 4, fl_light_of(0xe8e2d6));
    draw_box(canvas, x - EAVES, y - WALL_H + 5, WALL_W + 2 * EAVES, 2, fl_light_of(0x7a766e));
    for (int column = 0; column < 4; column++) {
        float left = x + 24 + (float)column * 59;
        draw_window(canvas, left, y - WALL_H + 17);
        if (column != 1)
            draw_window(canvas, left, y - 52);
    }
    draw_door(canvas, x + 24 + 59 - 2, y - 1);
    fl_demo_tuft(canvas, x + 36, y, 38);
    fl_demo_tuft(canvas, x + 188, y, 64);
}

// One board of the fence, pointed at its top.
static struct fl_paint paint_picket(const void *user, float x, float y)
{
    const struct pane *board = user;
    float u = (x - board->x) / board->w, v = y - board->y;
    float grain = 1 + 0.1F * fl_noise_sum(x / 1.5F, y / 14, 2, 101);
    float bright = (u < 0.75F ? 1.0F - 0.12F * u : 0.55F) * grain; // its right edge is in shade

    if (v < fabsf(u - 0.5F) * board->w)
        return (struct fl_paint){0};
    return (struct fl_paint){
        fl_light_scale(fl_light_of(0xf4f1ea),
                       bright * (1 - 0.35F * fl_smooth(0.7F, 1, v / board->h))),
        1};
}

void fl_demo_fence(struct fl_canvas *canvas)
{
    const float left = 560, step = 17;
    const int boards = 24; // the last stands at the picture's edge

    for (int i = 0; i < boards; i++) { // shadows first
        float x = left + step * (float)i, y = 480 + (x - left) * 0.07F;
        fl_canvas_darken(canvas, &(struct fl_dab){x + 22, y + 4, 22, 3.4F, 0.22F, 0.6F, 0.6F},
                         fl_light_of(0x6d7a92));
    }
    for (int rail = 0; rail < 2; rail++) {
        float up = rail == 0 ? 36.0F : 14.0F;
        fl_canvas_stroke(canvas,
                         &(struct fl_stroke){left - 6, 480 - up + 2, 966, 508.4F - up * 1.2F + 2, 5,
                                             6, fl_light_of(0x8f8c88), fl_light_of(0x8f8c88)});
        fl_canvas_stroke(canvas,
                         &(struct fl_stroke){left - 6, 480 - up, 966, 508.4F - up * 1.2F, 4, 5,
                                             fl_light_of(0xd9d5cc), fl_light_of(0xd9d5cc)});
    }
    for (int i = 0; i < boards; i++) {
        float x = left + step * (float)i, y = 480 + (x - left) * 0.07F;
        float size = 1 + (x - left) / 1900;
        const struct pane board = {x, y - 48 * size, 10 * size, 48 * size};
        const float box[4] = {board.x, board.y, board.x + board.w, y + 1};
        fl_canvas_fill(canvas, box, paint_picket, &board);
    }
}
