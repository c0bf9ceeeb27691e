#include "demo_scene.h"

#include "noise.h"

#include <math.h>

// Two kinds of trees: round ones of leaves, pointed ones of needles. `size` is their height.

static const float full_turn = 6.28318531F;

static void cast_shadow(struct fl_canvas *canvas, float x, float y, float w)
{
    fl_canvas_darken(
        canvas,
        &(struct fl_dab){x + w * 0.8F, y + w * 0.1F, w * 1.3F, w * 0.25F, 0.06F, 0.7F, 0.9F},
        fl_light_of(0x5f6d88));
}

static void draw_branches(struct fl_canvas *canvas, float x, float y, float size,
                          struct fl_random *random)
{
    const struct fl_light bark = fl_light_of(0x54412f), lit = fl_light_of(0x87705a);
    float thick = size * 0.075F;

    for (int i = 0; i < 26; i++) { // the trunk in strips of bark, from its lit side to its dark one
        float t = (float)i / 25, off = (t - 0.5F) * thick;
        float spread = 1.5F + 0.5F * fabsf(2 * t - 1) * fl_random_unit(random); // roots
        struct fl_light light = fl_light_mix(lit, fl_light_scale(bark, 0.4F), t);
        light = fl_light_scale(light, fl_random_range(random, 0.6F, 1.25F));
        const struct fl_stroke strip = {x + off * spread,
                                        y + fl_random_range(random, -1, 1),
                                        x + off * 0.7F,
                                        y - size * 0.5F,
                                        thick * 0.12F,
                                        thick * 0.06F,
                                        light,
                                        fl_light_scale(light, 0.7F)};
        fl_canvas_stroke(canvas, &strip);
    }
    for (int i = 0; i < 7; i++) {
        float angle = fl_random_range(random, -1.0F, 1.0F);
        float from = y - size * fl_random_range(random, 0.3F, 0.46F);
        float length = size * fl_random_range(random, 0.2F, 0.34F);
        fl_canvas_stroke(canvas, &(struct fl_stroke){x, from, x + sinf(angle) * length,
                                                     from - cosf(angle) * length, thick * 0.42F,
                                                     thick * 0.1F, bark, bark});
    }
}

struct clump { // of leaves
    float x, y, r;
    float bright; // 0 .. 1
};

static void draw_leaves(struct fl_canvas *canvas, const struct clump *clump, float leaf,
                        struct fl_random *random)
{
    const struct fl_light dark = fl_light_of(0x17300f), middle = fl_light_of(0x4a7420);
    const struct fl_light lit = fl_light_of(0xb4cb52);
    int n = (int)(clump->r * clump->r / (leaf * leaf) * 3.2F);

    for (int i = 0; i < n; i++) {
        float angle = fl_random_range(random, 0, full_turn);
        float away = sqrtf(fl_random_unit(random)) * clump->r;
        float dx = cosf(angle) * away, dy = sinf(angle) * away * 0.86F;
        // Later leaves lie on top and reach towards the sun.
        float late = (float)i / (float)n;
        float bright =
            clump->bright * 0.75F + 0.55F * late - 0.42F * (dx + 1.3F * dy) / clump->r - 0.3F;
        bright = fminf(1, fmaxf(0, bright + fl_random_range(random, -0.15F, 0.15F)));
        struct fl_light light = bright < 0.5F ? fl_light_mix(dark, middle, bright * 2)
                                              : fl_light_mix(middle, lit, bright * 2 - 1);
        const struct fl_dab dab = {clump->x + dx - late * clump->r * 0.12F,
                                   clump->y + dy - late * clump->r * 0.12F,
                                   leaf * fl_random_range(random, 0.7F, 1.2F),
                                   leaf * 0.55F,
                                   fl_random_range(random, 0, full_turn),
                                   0.4F,
                                   0.95F};
        fl_canvas_dab(canvas, &dab, light);
    }
}

void fl_demo_round_tree(struct fl_canvas *canvas, float x, float y, float size, uint32_t seed)
{
    struct fl_random random = {seed};
    float crown = size * 0.36F, middle = y - size * 0.63F, leaf = 1.5F + size / 160;

    cast_shadow(canvas, x, y, crown);
    draw_branches(canvas, x, y, size, &random);
    // Clumps from the shaded back to the lit front.
    for (int i = 0; i < 44; i++) {
        float late = (float)i / 43, angle = fl_random_range(&random, 0, full_turn);
        float away = sqrtf(fl_random_unit(&random)) * (0.86F - 0.2F * late);
        float dx = cosf(angle) * away, dy = sinf(angle) * away;
        struct clump clump = {
            .x = x + (dx - 0.14F * late) * crown,
            .y = middle + (dy - 0.12F * late) * crown * 1.02F,
            .r = crown * fl_random_range(&random, 0.2F, 0.32F),
            .bright = fminf(1, fmaxf(0, 0.42F - 0.42F * dx - 0.55F * dy) * (0.45F + 0.55F * late)),
        };
        draw_leaves(canvas, &clump, leaf, &random);
    }
    fl_demo_tuft(canvas, x, y, size * 0.13F);
}

// A branch hangs to one side; needles hang from it.
static void draw_bough(struct fl_canvas *canvas, const float from[2], const float to[2],
                       float bright, struct fl_random *random)
{
    const struct fl_light dark = fl_light_of(0x0f261d), lit = fl_light_of(0x5d8660);
    float length = hypotf(to[0] - from[0], to[1] - from[1]), needle = 2.5F + length * 0.17F;
    int n = (int)(length * 1.5F) + 4;

    for (int i = 0; i < n; i++) {
        float t = (float)i / (float)n;
        float x = from[0] + (to[0] - from[0]) * t, y = from[1] + (to[1] - from[1]) * t;
        float lean = fl_random_range(random, -0.6F, 0.6F) + (to[0] > from[0] ? 0.5F : -0.5F);
        float long_ = needle * fl_random_range(random, 0.6F, 1.1F) * (1 - 0.4F * t);
        float b =
            fminf(1, fmaxf(0, bright * (0.5F + 0.6F * t) + fl_random_range(random, -0.2F, 0.2F)));
        struct fl_light light = fl_light_mix(dark, lit, b);
        fl_canvas_stroke(canvas, &(struct fl_stroke){x, y, x + lean * long_, y + long_, 1.5F, 0.5F,
                                                     light, fl_light_scale(light, 0.7F)});
    }
}

void fl_demo_fir(struct fl_canvas *canvas, float x, float y, float size, uint32_t seed)
{
    struct fl_random random = {seed};
    int tiers = 13 + (int)(size / 18);
    const struct fl_light bark = fl_light_of(0x463527);

    cast_shadow(canvas, x, y, size * 0.2F);
    fl_canvas_stroke(canvas,
                     &(struct fl_stroke){x, y, x, y - size * 0.9F, size * 0.05F, 1, bark, bark});
    for (int i = 0; i < tiers; i++) { // from the lowest
        float t = (float)i / (float)tiers;
        float top = y - size * (0.1F + 0.88F * t), reach = size * 0.25F * powf(1 - t, 0.85F) + 2;
        for (int k = 0; k < 9; k++) {
            float side = fl_random_range(&random, -1, 1);
            const float from[2] = {x + side * reach * 0.1F, top - reach * 0.24F};
            const float to[2] = {x + side * reach * fl_random_range(&random, 0.85F, 1.1F),
                                 top + reach * 0.3F * fl_random_range(&random, 0.7F, 1.2F)};
            draw_bough(canvas, from, to, 0.5F - 0.42F * side, &random);
        }
    }
    fl_demo_tuft(canvas, x, y, size * 0.06F);
}
