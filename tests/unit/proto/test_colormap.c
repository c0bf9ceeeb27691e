#include "proto/colormap.h"

#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

// ImageJ's knots of "fire"; knot k is entry 8 k.
static const uint8_t fire[3][32] = {
    {0,   0,   1,   25,  49,  73,  98,  122, 146, 162, 173, 184, 195, 207, 217, 229,
     240, 252, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
    {0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   14,  35,  57,
     79, 101, 117, 133, 147, 161, 175, 190, 205, 219, 234, 248, 255, 255, 255, 255},
    {0, 61, 96, 130, 165, 192, 220, 227, 210, 181, 151, 122, 93, 64,  35,  5,
     0, 0,  0,  0,   0,   0,   0,   0,   0,   0,   0,   35,  98, 160, 223, 255},
};

static double linear(uint8_t level) // sRGB to light
{
    double v = level / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double lightness(const uint8_t *map, size_t entry) // CIELAB L*, D65
{
    const uint8_t *rgb = map + 3 * entry;
    double y = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
    return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27;
}

static void test_fire_runs_through_its_knots_in_straight_lines(void)
{
    const uint8_t *rgb = fl_colormap_rgb(FL_COLORMAP_FIRE);

    for (int i = 0; i < 256; i++) {
        int knot = i / 8, next = knot < 31 ? knot + 1 : 31, part = i % 8;
        for (int c = 0; c < 3; c++)
            EXPECT_INT(rgb[3 * i + c], (fire[c][knot] * (8 - part) + fire[c][next] * part) / 8);
    }
}

static void test_sequential_maps_get_lighter_from_end_to_end(void)
{
    static const struct {
        enum fl_colormap map;
        double darkest, lightest; // L* of the ends, at most and at least
    } cases[] = {
        {FL_COLORMAP_VIRIDIS, 16, 90}, {FL_COLORMAP_MAGMA, 1, 97},    {FL_COLORMAP_INFERNO, 1, 97},
        {FL_COLORMAP_PLASMA, 16, 93},  {FL_COLORMAP_CIVIDIS, 16, 90}, {FL_COLORMAP_GRAY, 0, 100},
    };

    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const uint8_t *rgb = fl_colormap_rgb(cases[k].map);
        fprintf(stderr, "  %s: %.1f to %.1f\n", fl_colormap_names[cases[k].map], lightness(rgb, 0),
                lightness(rgb, 255));
        EXPECT(lightness(rgb, 0) <= cases[k].darkest);
        EXPECT(lightness(rgb, 255) >= cases[k].lightest - 1e-9);
        // Eight-bit colours may step back by a fraction of a level; never over four entries.
        for (size_t i = 0; i + 1 < 256; i++)
            EXPECT(lightness(rgb, i + 1) > lightness(rgb, i) - 0.25);
        for (size_t i = 0; i + 4 < 256; i++)
            EXPECT(lightness(rgb, i + 4) > lightness(rgb, i));
    }
}

// Its knots are the paper's, dips and all: of less than a fifth of a step of L*, which nobody sees.
static void test_fire_gets_lighter_but_for_dips_that_nobody_sees(void)
{
    const uint8_t *rgb = fl_colormap_rgb(FL_COLORMAP_FIRE);
    double lightest = lightness(rgb, 0);

    EXPECT_NEAR(lightest, 0, 1e-9);
    EXPECT_NEAR(lightness(rgb, 255), 100, 1e-3);
    for (size_t i = 1; i < 256; i++) {
        EXPECT(lightness(rgb, i) > lightest - 0.2);
        lightest = fmax(lightest, lightness(rgb, i));
    }
}

static void test_coolwarm_is_lightest_in_the_middle_and_as_dark_at_both_ends(void)
{
    const uint8_t *rgb = fl_colormap_rgb(FL_COLORMAP_COOLWARM);
    double middle = lightness(rgb, 128);

    for (size_t i = 0; i < 256; i++)
        EXPECT(lightness(rgb, i) < middle + 0.5);
    EXPECT_NEAR(lightness(rgb, 0), lightness(rgb, 255), 5);
    EXPECT(middle - lightness(rgb, 0) > 30);
    EXPECT(rgb[2] > rgb[0] && rgb[765] > rgb[767]); // blue below, red above
}

static void test_names_and_colours_are_those_of_the_json_in_its_order(void)
{
    json_t *root = vectors_load_json("proto/colormaps.json");
    const char *name = NULL;
    json_t *value = NULL;
    size_t n = 0;

    EXPECT_INT(json_object_size(root), FL_COLORMAPS);
    json_object_foreach(root, name, value)
    {
        uint8_t bytes[768];
        EXPECT(strcmp(name, fl_colormap_names[n]) == 0);
        EXPECT_INT(vectors_unhex(json_string_value(value), bytes, sizeof bytes), sizeof bytes);
        EXPECT(memcmp(bytes, fl_colormap_rgb((enum fl_colormap)n), sizeof bytes) == 0);
        n++;
    }
    json_decref(root);
}

int main(void)
{
    RUN(test_fire_runs_through_its_knots_in_straight_lines);
    RUN(test_sequential_maps_get_lighter_from_end_to_end);
    RUN(test_fire_gets_lighter_but_for_dips_that_nobody_sees);
    RUN(test_coolwarm_is_lightest_in_the_middle_and_as_dark_at_both_ends);
    RUN(test_names_and_colours_are_those_of_the_json_in_its_order);
    return 0;
}
