// A map cut into bands, columns and sheets gives the same bytes as one in one piece: limits are made
// small, so that a small map needs all of it.
#include "rig.h"

#include "server/data/metric.h"
#include "server/data/picture.h"

enum { W = 37, H = 29, D = 10 };
static const uint64_t PIXEL = 48; // bytes of one on the GPU: ten channels in three groups

static struct rig whole;
static float values[H][W][D];
static struct fl_map *map;
static struct fl_picture *picture;

static void make_map(void)
{
    uint32_t seed = 3;
    uint8_t rgb[8 * 8 * 3]; // no more than the smallest side below, so that it is never reduced

    for (int i = 0; i < H * W * D; i++)
        (&values[0][0][0])[i] = rig_random(&seed) - 0.4F;
    memset(values[17][16], 0, sizeof values[17][16]); // invalid, at a sheet's border
    map = rig_map_over(&values[0][0][0], W, H, D, (double[]){1, 0, 9, 8});
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(rig_random(&seed) * 256);
    picture = fl_picture_of(rgb, 8, 8);
    EXPECT(picture != NULL);
}

static void expect_equal(struct rig *cut, const struct fl_render *render)
{
    struct fl_picture *under = render->output == FL_OUT_COLOUR ? picture : NULL;
    struct fl_frame *a = rig_try(&whole, map, under, render);
    struct fl_frame *b = rig_try(cut, map, under, render);

    EXPECT(!a->error.code);
    if (b->error.code)
        fprintf(stderr, "  %s\n", b->error.text);
    EXPECT(!b->error.code);
    EXPECT_INT(b->w, a->w);
    EXPECT_INT(b->h, a->h);
    EXPECT(memcmp(a->pixels, b->pixels, (size_t)(a->w * a->h * a->channels)) == 0);
    EXPECT(a->lo == b->lo && a->hi == b->hi);
    EXPECT(a->range[0] == b->range[0] && a->range[1] == b->range[1]);
    EXPECT(memcmp(a->hist, b->hist, sizeof a->hist) == 0);
    EXPECT(memcmp(a->best, b->best, sizeof a->best) == 0);
    rig_free(a);
    rig_free(b);
}

static void compare_all(struct rig *cut)
{
    static const int32_t windows[][4] = {{0, 0, W, H}, {3, 5, 36, 24}, {15, 15, 17, 18}};
    static const int32_t refs[][2] = {{0, 0}, {16, 16}, {36, 28}, {15, 20}};

    for (int r = 0; r < 4; r++) {
        for (int i = 0; i < 3; i++) {
            struct fl_render render = rig_render(map, refs[r][0], refs[r][1]);
            memcpy(render.window, windows[i], sizeof render.window);
            render.w = windows[i][2] - windows[i][0];
            render.h = windows[i][3] - windows[i][1];
            render.metric = (enum fl_metric)((r * 3 + i) % FL_METRICS);
            render.stretch.kind = FL_STRETCH_AROUND;
            expect_equal(cut, &render);
            render.output = FL_OUT_LEVELS;
            expect_equal(cut, &render);
            render.w = (render.w + 1) / 2;
            render.h = (render.h + 2) / 3;
            expect_equal(cut, &render);
            render.output = FL_OUT_COLOUR;
            render.w = 53;
            render.h = 47;
            render.opacity = 0.25F;
            expect_equal(cut, &render);
        }
    }
    struct fl_render channel = rig_render(map, 0, 0);
    channel.mode = FL_MODE_CHANNEL;
    channel.channel = 9;
    expect_equal(cut, &channel);
    channel.mode = FL_MODE_NORM;
    channel.stretch = (struct fl_stretch){FL_STRETCH_PERCENTILE, 2, 98};
    expect_equal(cut, &channel);
}

static void compare_with(struct fl_limits limits)
{
    struct fl_tuning tuning = {.limits = limits};
    struct rig cut = rig_open(&tuning, 0);

    compare_all(&cut);
    rig_close(&cut);
}

static void test_bands_of_rows(void)
{
    compare_with((struct fl_limits){.tile = PIXEL * W * 5}); // five rows a texture
    compare_with((struct fl_limits){.layers = 7});
}

static void test_columns_where_a_row_is_too_large(void)
{
    compare_with((struct fl_limits){.tile = PIXEL * 10});
}

static void test_sheets_where_a_side_is_too_long(void)
{
    compare_with((struct fl_limits){.side = 16, .layers = 9});
    compare_with((struct fl_limits){.side = 8, .layers = 25, .tile = PIXEL * 5});
}

static void test_slices_smaller_than_a_row_and_than_a_pixel(void)
{
    compare_with((struct fl_limits){.slice = PIXEL * 7});
    compare_with((struct fl_limits){.slice = 1});
}

static void test_a_reference_beyond_the_uniform_block(void)
{
    compare_with((struct fl_limits){.uniforms = 2});
}

static void check_long(int32_t w, int32_t h)
{
    size_t n = (size_t)w * (size_t)h;
    float *numbers = calloc(n, sizeof *numbers);

    EXPECT(numbers != NULL);
    for (size_t i = 0; i < n; i++)
        numbers[i] = (float)(i % 1000) + 0.5F;
    struct fl_map *line = rig_map(numbers, w, h, 1);
    struct fl_render render = rig_render(line, w - 1, h - 1);
    render.mode = FL_MODE_CHANNEL;
    struct fl_frame *frame = rig_draw(&whole, line, &render);
    EXPECT(memcmp(frame->pixels, numbers, n * sizeof *numbers) == 0);
    EXPECT(frame->range[0] == 0.5 && frame->range[1] == 999.5);
    rig_free(frame);
    render.mode = FL_MODE_SIMILARITY;
    render.metric = FL_METRIC_L1;
    render.output = FL_OUT_LEVELS;
    frame = rig_draw(&whole, line, &render);
    EXPECT_INT(frame->pixels[n - 1], 255); // the reference, in the last sheet
    EXPECT_INT(frame->hi, (int)((n - 1) % 1000) > 500 ? (n - 1) % 1000 : 999 - (n - 1) % 1000);
    rig_free(frame);
    fl_map_unref(line);
    free(numbers);
}

static void test_sides_longer_than_any_texture(void)
{
    check_long(70001, 2);
    check_long(2, 70001);
}

static void test_more_channels_than_a_texture_is_wide_are_refused(void)
{
    struct fl_tuning tuning = {.limits = {.side = 2, .layers = 2048}};
    struct rig cut = rig_open(&tuning, 0);
    struct fl_render render = rig_render(map, 0, 0);
    struct fl_frame *frame = rig_try(&cut, map, NULL, &render);

    EXPECT_INT(frame->error.code, FL_ERR_TOO_BIG);
    EXPECT(strstr(frame->error.text, "at most 8 channels") != NULL);
    EXPECT(frame->pixels == NULL);
    rig_free(frame);
    rig_close(&cut);
}

int main(void)
{
    whole = rig_open(NULL, 0);
    make_map();
    RUN(test_bands_of_rows);
    RUN(test_columns_where_a_row_is_too_large);
    RUN(test_sheets_where_a_side_is_too_long);
    RUN(test_slices_smaller_than_a_row_and_than_a_pixel);
    RUN(test_a_reference_beyond_the_uniform_block);
    RUN(test_sides_longer_than_any_texture);
    RUN(test_more_channels_than_a_texture_is_wide_are_refused);
    fl_map_unref(map);
    fl_picture_unref(picture);
    rig_close(&whole);
    return 0;
}
