#include "server/data/demo.h"

#include "files.h"
#include "server/data/demo_scene.h"

struct demo {
    struct fl_picture *picture;
    struct fl_map_source maps[2];
    const char *names[2];
};

static struct demo open_demo(void)
{
    struct demo demo = {0};
    struct fl_error error = {0};

    EXPECT_INT(fl_demo_open(&demo.picture, demo.maps, demo.names, NULL, NULL, &error), FL_OK);
    return demo;
}

static void close_demo(struct demo *demo)
{
    fl_map_source_finish(&demo->maps[0]);
    fl_map_source_finish(&demo->maps[1]);
    fl_picture_unref(demo->picture);
}

// The vector of the cell that a point of the picture lies in.
static const float *vector_at(const struct fl_map_source *map, double x, double y)
{
    ptrdiff_t i = (ptrdiff_t)(x / FL_DEMO_W * map->w), j = (ptrdiff_t)(y / FL_DEMO_H * map->h);
    const float *values = map->base;

    return values + j * map->stride_y + i * map->stride_x;
}

static double similarity(const float *a, const float *b, int32_t d)
{
    double ab = 0, aa = 0, bb = 0;

    for (int32_t k = 0; k < d; k++) {
        ab += (double)a[k] * (double)b[k];
        aa += (double)a[k] * (double)a[k];
        bb += (double)b[k] * (double)b[k];
    }
    return 1 - acos(fmin(1, fmax(-1, ab / sqrt(aa * bb)))) * 2 / 3.14159265358979323846;
}

// Which share of the map's cells is less similar to `from` than `to` is.
static double rank_of(const struct fl_map_source *map, const double from[2], const double to[2])
{
    const float *reference = vector_at(map, from[0], from[1]), *at = map->base;
    double s = similarity(vector_at(map, to[0], to[1]), reference, map->d);
    size_t n = (size_t)map->w * (size_t)map->h, below = 0;

    for (size_t i = 0; i < n; i++)
        below += similarity(at + i * (size_t)map->d, reference, map->d) < s;
    return (double)below / (double)n;
}

static void test_the_scene_has_a_picture_and_two_layers(const struct demo *demo)
{
    EXPECT_INT(fl_picture_w(demo->picture), FL_DEMO_W);
    EXPECT_INT(fl_picture_h(demo->picture), FL_DEMO_H);
    EXPECT(fl_picture_rgb(demo->picture));
    EXPECT(strcmp(demo->names[0], "fine") == 0 && strcmp(demo->names[1], "coarse") == 0);
    EXPECT(demo->maps[0].w == 240 && demo->maps[0].h == 160 && demo->maps[0].d == 128);
    EXPECT(demo->maps[1].w == 60 && demo->maps[1].h == 40 && demo->maps[1].d == 128);
}

static void test_a_coarse_cell_is_the_mean_of_16_fine_ones(const struct demo *demo)
{
    const struct fl_map_source *fine = &demo->maps[0], *coarse = &demo->maps[1];

    for (int32_t j = 0; j < coarse->h; j += 13)
        for (int32_t i = 0; i < coarse->w; i += 7)
            for (int32_t k = 0; k < 128; k += 11) {
                double sum = 0;
                for (int cell = 0; cell < 16; cell++) {
                    const float *row = fine->base;
                    row += (j * 4 + cell / 4) * fine->stride_y;
                    sum += (double)row[(i * 4 + cell % 4) * fine->stride_x + k];
                }
                const float *got = coarse->base;
                EXPECT_NEAR(got[j * coarse->stride_y + i * coarse->stride_x + k], sum / 16, 1e-5);
            }
}

static void test_what_returns_in_the_picture_is_found(const struct demo *demo)
{
    static const struct {
        const char *what;
        double from[2], to[2];
    } pairs[] = {
        {"mushroom", {118, 560}, {385, 584}}, {"mushroom", {118, 560}, {842, 578}},
        {"mushroom", {505, 570}, {730, 553}}, {"fir", {262, 306}, {408, 310}},
        {"window", {627, 327}, {804, 386}},   {"picket", {600, 460}, {822, 475}},
        {"roof", {650, 260}, {800, 255}},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        double rank = rank_of(&demo->maps[0], pairs[i].from, pairs[i].to);
        fprintf(stderr, "  another %s is above %.1f %% of the picture\n", pairs[i].what,
                100 * rank);
        EXPECT(rank > 0.95);
    }
}

static void test_the_picture_is_bright_and_colourful(const struct demo *demo)
{
    const uint8_t *rgb = fl_picture_rgb(demo->picture);
    unsigned counts[512] = {0}, used = 0;
    size_t n = (size_t)FL_DEMO_W * FL_DEMO_H;
    double sum = 0;

    for (size_t i = 0; i < n; i++, rgb += 3) {
        counts[(rgb[0] >> 5) << 6 | (rgb[1] >> 5) << 3 | rgb[2] >> 5]++;
        sum += (rgb[0] + rgb[1] + rgb[2]) / 3.0;
    }
    for (size_t i = 0; i < 512; i++)
        used += counts[i] > 20;
    EXPECT(sum / (double)n > 90 && sum / (double)n < 170);
    EXPECT(used > 120); // of the 512 cells of the colour cube
}

static void test_it_is_drawn_the_same_every_time(const struct demo *demo)
{
    struct demo again = open_demo();
    const void *a = demo->maps[0].base, *b = again.maps[0].base;

    EXPECT(memcmp(fl_picture_rgb(demo->picture), fl_picture_rgb(again.picture),
                  (size_t)FL_DEMO_W * FL_DEMO_H * 3) == 0);
    EXPECT(memcmp(a, b, (size_t)240 * 160 * 128 * sizeof(float)) == 0);
    close_demo(&again);
}

// To look at it: FARLOOK_DEMO_PNG=file.png test_data_demo
static void save_where_asked(const struct demo *demo)
{
    const char *path = getenv("FARLOOK_DEMO_PNG");
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = FL_DEMO_W,
                       .height = FL_DEMO_H,
                       .format = PNG_FORMAT_RGB};

    if (path)
        EXPECT(png_image_write_to_file(&image, path, 0, fl_picture_rgb(demo->picture), 0, NULL));
}

int main(void)
{
    struct demo demo = open_demo();

    save_where_asked(&demo);
    test_the_scene_has_a_picture_and_two_layers(&demo);
    test_a_coarse_cell_is_the_mean_of_16_fine_ones(&demo);
    test_what_returns_in_the_picture_is_found(&demo);
    test_the_picture_is_bright_and_colourful(&demo);
    test_it_is_drawn_the_same_every_time(&demo);
    close_demo(&demo);
    return 0;
}
