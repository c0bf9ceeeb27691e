#include "demo_scene.h"

#include "noise.h"

#include <math.h>
#include <stddef.h>

// Everything that is far away: sky, mountains, hills.

static const float horizon = 262;

// How thick the clouds are; below 0 there are none.
static float cloud_at(float x, float y)
{
    float warp = fl_noise(x / 70, y / 50, 11) * 16, puffs = 0, strength = 0.5F, size = 62;
    float shape = fl_noise_sum((x + warp) / 210, (y + warp) / 105, 3, 21);
    for (uint32_t i = 0; i < 6; i++) { // heaps upon heaps: round above, creased between
        puffs +=
            strength * (0.28F - fabsf(fl_noise((x + warp) / size, y / (size * 0.72F), 24 + i)));
        strength *= 0.6F;
        size *= 0.5F;
    }
    shape += 1.1F * puffs;
    float band = fl_smooth(-20, 60, y) * (1 - fl_smooth(150, 250, y)); // none at the zenith's edge

    return shape + 0.34F * band - 0.25F;
}

static struct fl_paint paint_sky(const void *user, float x, float y)
{
    const struct fl_light zenith = fl_light_of(0x2f6fc4), low = fl_light_of(0xc9e0f2);
    const struct fl_light lit = fl_light_of(0xfffdf7), shade = fl_light_of(0x8fa3c2);
    struct fl_light light = fl_light_mix(zenith, low, powf(fminf(1, y / horizon), 0.8F));
    float thick = cloud_at(x, y), cover = fl_smooth(0, 0.42F, thick);
    // Brighter where they thin out towards the sun, grey where they are thick and below.
    float relief =
        1.1F * (thick - cloud_at(x - 5, y - 8)) + 0.8F * (thick - cloud_at(x - 16, y - 26));
    float bright = 0.72F + relief - 0.34F * fl_smooth(0.25F, 1.0F, thick);

    (void)user;
    light =
        fl_light_mix(light, fl_light_mix(shade, lit, fminf(1, fmaxf(0, bright))), cover * 0.97F);
    float glow = expf(-hypotf(x + 60, (y + 90) * 1.3F) / 330); // around the sun, which is outside
    return (struct fl_paint){fl_light_mix(light, fl_light_of(0xfff3d6), 0.55F * glow), 1};
}

void fl_demo_sky(struct fl_canvas *canvas)
{
    const float box[4] = {0, 0, FL_DEMO_W, horizon + 40};

    fl_canvas_fill(canvas, box, paint_sky, NULL);
}

// A field of sharp ridges. Its first row is a skyline; further rows are what lies below.
static float ridge(float x, float depth, float size, uint32_t seed)
{
    float sum = 0, strength = 1;

    for (uint32_t i = 0; i < 7; i++) {
        float crease =
            0.5F - fabsf(fl_noise(x / size + 3.1F, 0.37F + depth * 0.55F / size, seed + i));
        sum += strength * crease;
        strength *= 0.52F;
        size *= 0.5F;
    }
    return sum;
}

struct range { // of mountains
    float foot, height, size, haze;
    uint32_t seed;
    bool snow;
};

static struct fl_paint paint_range(const void *user, float x, float y)
{
    const struct range *range = user;
    float top = range->foot - range->height * ridge(x, 0, range->size, range->seed);
    float depth = y - top;

    if (depth < 0)
        return (struct fl_paint){0};
    // Slopes that rise to the right face the sun.
    float slope = ridge(x + 1.5F, depth - 1, range->size, range->seed) -
                  ridge(x - 1.5F, depth + 1, range->size, range->seed);
    float bright = fminf(1, fmaxf(0, 0.5F + slope * range->height * 0.2F));
    struct fl_light rock = fl_light_mix(fl_light_of(0x3f4a5e), fl_light_of(0xb3a595), bright);
    if (range->snow) {
        float line = 26 + 30 * fl_noise_sum(x / 30, y / 22, 4, 77) + 16 * (bright - 0.5F);
        rock = fl_light_mix(fl_light_mix(fl_light_of(0x8ea6cf), fl_light_of(0xffffff), bright),
                            rock, fl_smooth(line - 4, line + 4, depth));
    } else {
        rock = fl_light_mix(fl_light_of(0x26422f), fl_light_of(0x6f8a58), bright); // wooded
    }
    float haze = range->haze + 0.45F * fl_smooth(20, 120, depth);
    return (struct fl_paint){fl_light_mix(rock, fl_light_of(0xb5cce6), fminf(0.94F, haze)), 1};
}

void fl_demo_mountains(struct fl_canvas *canvas)
{
    const float box[4] = {0, 60, FL_DEMO_W, 320};
    const struct range far = {258, 128, 300, 0.30F, 31, true};
    const struct range near = {272, 44, 210, 0.46F, 41, false};

    fl_canvas_fill(canvas, box, paint_range, &far);
    fl_canvas_fill(canvas, box, paint_range, &near);
}

struct hill {
    float top, swing, length, phase;
    uint32_t light, dark; // of its grass
    float haze, stripes;  // stripes: width of the rows of a field; 0: none
    uint32_t seed;
};

static float hill_top(const struct hill *hill, float x)
{
    return hill->top + hill->swing * sinf(x / hill->length + hill->phase) +
           hill->swing * 0.4F * sinf(x / hill->length * 2.3F + hill->phase * 1.7F);
}

static struct fl_paint paint_hill(const void *user, float x, float y)
{
    const struct hill *hill = user;
    float depth = y - hill_top(hill, x);

    if (depth < 0)
        return (struct fl_paint){0};
    float patch = fl_noise_sum(x / 60, y / 16, 5, hill->seed);
    struct fl_light light = fl_light_mix(fl_light_of(hill->dark), fl_light_of(hill->light),
                                         fl_smooth(-0.6F, 0.6F, patch));
    float field = fl_smooth(0.05F, 0.12F, fl_noise(x / 120, depth / 30, hill->seed + 5));
    if (hill->stripes > 0 && field > 0) { // rows of a crop, following the slope
        float row = (x + depth * 2.4F) / hill->stripes;
        struct fl_light crop = fl_light_mix(fl_light_of(0xd9bf62), fl_light_of(0x9a8a3c),
                                            0.5F + 0.5F * sinf(6.2832F * row));
        light = fl_light_mix(light, crop, field);
    }
    float shade = 1 - 0.35F * fl_smooth(10, 60, depth); // into the valley
    return (struct fl_paint){
        fl_light_mix(fl_light_scale(light, shade), fl_light_of(0xb5cce6), hill->haze), 1};
}

// Bushes in the distance: small round things, light on the left.
static void plant_bushes(struct fl_canvas *canvas, const struct hill *hill, int n, float size)
{
    struct fl_random random = {hill->seed * 1000};

    for (int i = 0; i < n; i++) {
        float x = fl_random_range(&random, 0, FL_DEMO_W);
        float hedge = fl_noise(x / 50, 3.3F, hill->seed) * 18; // they stand in rows
        float y = hill_top(hill, x) + fmaxf(1, 12 + hedge) + fl_random_range(&random, -1, 2);
        float r = size * fl_random_range(&random, 0.7F, 1.4F);
        struct fl_light haze = fl_light_of(0xb5cce6);
        struct fl_light dark = fl_light_mix(fl_light_of(0x1d3a1c), haze, hill->haze);
        struct fl_light lit = fl_light_mix(fl_light_of(0x5f8a3a), haze, hill->haze);
        fl_canvas_dab(canvas, &(struct fl_dab){x + r, y + 1, r * 1.5F, r * 0.4F, 0, 1, 0.5F}, dark);
        fl_canvas_dab(canvas, &(struct fl_dab){x, y - r * 0.6F, r, r, 0, 0.3F, 1}, dark);
        fl_canvas_dab(
            canvas,
            &(struct fl_dab){x - r * 0.3F, y - r * 0.9F, r * 0.6F, r * 0.55F, 0, 0.9F, 0.8F}, lit);
    }
}

void fl_demo_hills(struct fl_canvas *canvas)
{
    static const struct hill hills[] = {
        {252, 11, 170, 0.6F, 0x7e9a5a, 0x4b6b3c, 0.45F, 0, 61},
        {272, 13, 130, 2.9F, 0x93aa4f, 0x5a7d36, 0.24F, 4.5F, 62},
        {297, 10, 210, 5.1F, 0x8fae48, 0x52792f, 0.10F, 7, 63},
    };
    const float box[4] = {0, 220, FL_DEMO_W, 420};

    for (int i = 0; i < 3; i++) {
        fl_canvas_fill(canvas, box, paint_hill, &hills[i]);
        plant_bushes(canvas, &hills[i], 120, 2.0F + 1.1F * (float)i);
    }
}

// How far the meadow is at a height: 0 at its far edge, 1 in front.
static float nearness(float y)
{
    return fminf(1, fmaxf(0, (y - 318) / (FL_DEMO_H - 318)));
}

struct fl_light fl_demo_grass_light(float x, float y)
{
    float near = nearness(y), size = 8 + 46 * near;
    float patch = fl_noise_sum(x / (size * 3.4F), y / size, 5, 71);
    float fine = fl_noise_sum(x / 3, y / (3 + 6 * near), 2, 72);
    struct fl_light light = fl_light_mix(fl_light_of(0x4f7a26), fl_light_of(0xa4bf4c),
                                         fl_smooth(-0.7F, 0.7F, patch + 0.25F * fine));

    float cloud = fl_smooth(0.1F, 0.5F, fl_noise_sum(x / 260, y / 70, 2, 74)); // its shadow
    return fl_light_scale(light, (0.98F - 0.3F * near + 0.12F * fine) * (1 - 0.3F * cloud));
}

static struct fl_paint paint_meadow(const void *user, float x, float y)
{
    float edge = 322 + 7 * sinf(x / 140 + 1) + 3 * fl_noise(x / 14, 0.5F, 73);

    (void)user;
    return (struct fl_paint){fl_demo_grass_light(x, y), fl_smooth(edge - 1, edge + 1, y)};
}

void fl_demo_meadow(struct fl_canvas *canvas)
{
    const float box[4] = {0, 300, FL_DEMO_W, FL_DEMO_H};

    fl_canvas_fill(canvas, box, paint_meadow, NULL);
}
