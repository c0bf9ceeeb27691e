// Levels and colours against what proto/README.md says of them, from the same frame's raw numbers.
#include "rig.h"

#include "proto/colormap.h"
#include "server/data/metric.h"
#include "server/data/picture.h"

enum { W = 45, H = 31, D = 6, PW = 90, PH = 62 };

static struct rig rig;
static struct fl_map *map;
static struct fl_picture *picture;
static uint8_t photo[PH][PW][3];

static void make_map(void)
{
    static float values[H][W][D];
    uint32_t seed = 5;

    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int k = 0; k < D; k++)
                values[y][x][k] = sinf((float)(x * (k + 1)) * 0.1F) + cosf((float)(y + k) * 0.2F);
    memset(values[3][4], 0, sizeof values[3][4]);
    for (int y = 20; y < 24; y++) // a patch that a reduced pixel lies wholly in
        for (int x = 30; x < 36; x++)
            memset(values[y][x], 0, sizeof values[y][x]);
    // The picture's extent is the middle half of the map's, so some cells lie beside it.
    map = rig_map_over(&values[0][0][0], W, H, D,
                       (double[]){-PW / 2.0, -PH / 2.0, PW * 1.5, PH * 1.5});
    for (size_t i = 0; i < sizeof photo; i++)
        (&photo[0][0][0])[i] = (uint8_t)(rig_random(&seed) * 256);
    picture = fl_picture_of(&photo[0][0][0], PW, PH);
    EXPECT(picture != NULL);
}

static double clamp01(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static double stretched(const struct fl_frame *frame, double s)
{
    double t = frame->hi > frame->lo ? clamp01((s - frame->lo) / (frame->hi - frame->lo)) : 0.5;
    bool distance =
        frame->render.mode == FL_MODE_SIMILARITY && fl_metric_is_distance(frame->render.metric);

    return distance ? 1 - t : t;
}

static struct fl_render render_for(enum fl_metric metric, enum fl_stretch_kind kind)
{
    struct fl_render render = rig_render(map, 20, 10);

    render.metric = metric;
    render.stretch.kind = kind;
    if (kind == FL_STRETCH_PERCENTILE)
        render.stretch.a = 5, render.stretch.b = 90;
    if (kind == FL_STRETCH_FIXED)
        render.stretch.a = -0.25, render.stretch.b = 0.8;
    return render;
}

static void check_levels(const struct fl_frame *levels, const struct fl_frame *values)
{
    int off_by_one = 0;

    EXPECT_INT(levels->channels, 1);
    EXPECT_INT(levels->w, values->w);
    EXPECT_INT(levels->h, values->h);
    for (int32_t n = 0; n < levels->w * levels->h; n++) {
        double s = (double)rig_value(values, n % levels->w, n / levels->w);
        int wanted = isnan(s) ? 0 : (int)lround(255 * stretched(values, s));
        int off = abs(levels->pixels[n] - wanted);
        EXPECT(off <= (isnan(s) ? 0 : 1));
        off_by_one += off;
    }
    EXPECT(off_by_one <= 2); // only where 255 s' lies in the middle between two
}

static void compare(struct fl_render *render)
{
    render->output = FL_OUT_VALUES;
    struct fl_frame *values = rig_draw(&rig, map, render);
    render->output = FL_OUT_LEVELS;
    struct fl_frame *levels = rig_draw(&rig, map, render);

    EXPECT(levels->lo == values->lo && levels->hi == values->hi);
    check_levels(levels, values);
    bool all = render->w == render->window[2] - render->window[0] &&
               render->h == render->window[3] - render->window[1];
    EXPECT_INT(levels->exact, all);
    EXPECT(!values->exact);
    EXPECT(levels->us_render > 0 && levels->us_read >= levels->us_render &&
           levels->us_rendered >= levels->us_read);
    rig_free(values);
    rig_free(levels);
}

static void test_levels_are_the_rounded_stretch(void)
{
    for (int metric = 0; metric < FL_METRICS; metric++) {
        for (int kind = 0; kind < FL_STRETCHES; kind++) {
            struct fl_render render =
                render_for((enum fl_metric)metric, (enum fl_stretch_kind)kind);
            compare(&render);
        }
    }
}

static void test_lo_equal_to_hi_shows_one_half(void)
{
    struct fl_render render = render_for(FL_METRIC_ANGULAR, FL_STRETCH_FIXED);

    render.stretch.a = render.stretch.b = 0.3;
    render.output = FL_OUT_LEVELS;
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    EXPECT_INT(frame->pixels[0], 128);
    EXPECT_INT(frame->pixels[3 * W + 4], 0); // invalid all the same
    rig_free(frame);
}

static void test_a_window_shows_its_cells_with_the_whole_maps_stretch(void)
{
    struct fl_render render = render_for(FL_METRIC_ANGULAR, FL_STRETCH_AROUND);
    struct fl_frame *whole = rig_draw(&rig, map, &render);

    memcpy(render.window, (int32_t[]){7, 2, 38, 29}, sizeof render.window);
    render.w = 31;
    render.h = 27;
    struct fl_frame *part = rig_draw(&rig, map, &render);
    EXPECT(part->lo == whole->lo && part->hi == whole->hi);
    for (int32_t n = 0; n < 31 * 27; n++) {
        float a = rig_value(part, n % 31, n / 31), b = rig_value(whole, n % 31 + 7, n / 31 + 2);
        EXPECT(a == b || (isnan(a) && isnan(b)));
    }
    compare(&render);
    rig_free(whole);
    rig_free(part);
}

// The mean over valid cells by area, from the whole map's numbers.
static double area_mean(const struct fl_frame *whole, const double from[2], const double to[2])
{
    double sum = 0, weight = 0;

    for (int y = (int)from[1]; y < H && y < to[1]; y++) {
        for (int x = (int)from[0]; x < W && x < to[0]; x++) {
            double s = (double)rig_value(whole, x, y);
            double area =
                (fmin(to[0], x + 1) - fmax(from[0], x)) * (fmin(to[1], y + 1) - fmax(from[1], y));
            if (isnan(s) || area < 1e-4)
                continue;
            sum += area * s;
            weight += area;
        }
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

static void check_reduced(const struct fl_frame *whole, int32_t w, int32_t h,
                          const int32_t window[4])
{
    struct fl_render render = whole->render;
    double across = (double)(window[2] - window[0]) / w, down = (double)(window[3] - window[1]) / h;

    memcpy(render.window, window, sizeof render.window);
    render.w = w;
    render.h = h;
    struct fl_frame *got = rig_draw(&rig, map, &render);
    for (int32_t n = 0; n < w * h; n++) {
        int32_t x = n % w, y = n / w;
        double from[2] = {window[0] + x * across, window[1] + y * down};
        double to[2] = {from[0] + across, from[1] + down};
        double wanted = area_mean(whole, from, to), value = (double)rig_value(got, x, y);
        if (from[0] <= 20.5 && 20.5 < to[0] && from[1] <= 10.5 && 10.5 < to[1])
            wanted = 1; // the reference's own pixel
        EXPECT(isnan(wanted) == isnan(value));
        EXPECT(isnan(wanted) || fabs(value - wanted) <= 2e-6);
    }
    EXPECT(got->lo == whole->lo && got->hi == whole->hi);
    rig_free(got);
    compare(&render);
}

static void test_fewer_pixels_are_means_of_valid_cells(void)
{
    static const int32_t all[4] = {0, 0, W, H}, part[4] = {11, 3, 41, 30};
    struct fl_render render = render_for(FL_METRIC_ANGULAR, FL_STRETCH_MINMAX);
    struct fl_frame *whole = rig_draw(&rig, map, &render);

    check_reduced(whole, W / 3, H, all);
    check_reduced(whole, 20, 13, all);
    check_reduced(whole, 15, 9, part);
    check_reduced(whole, 10, 9, part); // 3 x 3 cells a pixel: one lies wholly in the invalid patch
    check_reduced(whole, 1, 1, all);
    rig_free(whole);
}

static double luma(const double rgb[3])
{
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

// Bilinear, as textures are read: centres at +0.5, the outermost pixels continued.
static void photo_at(double x, double y, double out[3])
{
    double left = floor(x - 0.5), top = floor(y - 0.5), fx = x - 0.5 - left, fy = y - 0.5 - top;

    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            int px = (int)fmin(fmax(left + (i & 1), 0), PW - 1);
            int py = (int)fmin(fmax(top + (i >> 1), 0), PH - 1);
            sum += photo[py][px][k] * (i & 1 ? fx : 1 - fx) * (i >> 1 ? fy : 1 - fy);
        }
        out[k] = sum;
    }
}

// `values`: the raw numbers of the whole map, with the stretch of the same render.
static void wanted_colour(const struct fl_render *render, const struct fl_frame *values, int32_t px,
                          int32_t py, double out[3])
{
    const int32_t *window = render->window;
    double cx = window[0] + (px + 0.5) * (window[2] - window[0]) / render->w;
    double cy = window[1] + (py + 0.5) * (window[3] - window[1]) / render->h;
    double x = -PW / 2.0 + cx * (2.0 * PW) / W, y = -PH / 2.0 + cy * (2.0 * PH) / H;
    double s = (double)rig_value(values, (int)(cx + 1e-9), (int)(cy + 1e-9));
    bool covered = render->picture != FL_UNDER_NONE && x >= 0 && y >= 0 && x <= PW && y <= PH;
    double t = isnan(s) ? 0 : stretched(values, s),
           a = covered ? clamp01(t + (double)render->opacity) : 1;
    double below[3] = {0};

    if (covered)
        photo_at(x, y, below);
    if (covered && render->picture == FL_UNDER_GREY)
        below[0] = below[1] = below[2] = luma(below);
    int level = (int)floor(255 * t + 0.5);
    const uint8_t *rgb = fl_colormap_rgb(render->colormap);
    level = render->reversed ? 255 - level : level;
    for (int k = 0; k < 3; k++)
        out[k] = isnan(s) ? below[k] : rgb[3 * level + k] * a + below[k] * (1 - a);
}

static void check_colour(struct fl_render *render)
{
    struct fl_render plain = *render;
    int far_off = 0;

    memcpy(plain.window, (int32_t[]){0, 0, W, H}, sizeof plain.window);
    plain.w = W;
    plain.h = H;
    plain.output = FL_OUT_VALUES;
    struct fl_frame *values = rig_draw(&rig, map, &plain);
    render->output = FL_OUT_COLOUR;
    struct fl_frame *got = rig_try(&rig, map, picture, render);
    EXPECT(!got->error.code);
    EXPECT_INT(got->channels, 3);
    for (int32_t i = 0; i < got->w * got->h; i++) {
        double wanted[3];
        wanted_colour(render, values, i % got->w, i / got->w, wanted);
        double worst = 0;
        for (int k = 0; k < 3; k++)
            worst = fmax(worst, fabs(got->pixels[3 * i + k] - wanted[k]));
        // A level in the middle between two may have taken the neighbour's colour.
        far_off += worst > 1.01;
        EXPECT(worst <= 8);
    }
    EXPECT(far_off <= got->w * got->h / 200);
    rig_free(values);
    rig_free(got);
}

static void test_colours_lie_over_the_picture_by_the_formula(void)
{
    for (int under = 0; under < FL_UNDERS; under++) {
        for (int colormap = 0; colormap < FL_COLORMAPS; colormap++) {
            struct fl_render render =
                render_for(colormap % 2 ? FL_METRIC_L1 : FL_METRIC_ANGULAR, FL_STRETCH_AROUND);
            render.picture = (enum fl_under)under;
            render.colormap = (enum fl_colormap)colormap;
            render.reversed = colormap % 3 == 0;
            render.opacity = 0.1F * (float)colormap;
            render.w = 181;
            render.h = 125;
            check_colour(&render);
            memcpy(render.window, (int32_t[]){10, 8, 33, 25}, sizeof render.window);
            render.w = 230; // ten pixels a cell: borders on whole pixels
            render.h = 170;
            check_colour(&render);
        }
    }
}

static void test_a_picture_much_larger_than_the_frame_is_averaged(void)
{
    struct fl_render render = render_for(FL_METRIC_ANGULAR, FL_STRETCH_MINMAX);
    uint8_t *board = malloc((size_t)512 * 512 * 3);
    double sum = 0;

    EXPECT(board != NULL);
    for (int i = 0; i < 512 * 512 * 3; i++)
        board[i] = (i / 3 + i / 3 / 512) % 2 ? 255 : 0; // one pixel black, one white
    struct fl_picture *checks = fl_picture_of(board, 512, 512);
    struct fl_map *over = rig_map_over((float[]){0, 0, 0, 0}, 2, 2, 1, (double[]){0, 0, 512, 512});
    render.mode = FL_MODE_CHANNEL; // all invalid: the picture alone
    memcpy(render.window, (int32_t[]){0, 0, 2, 2}, sizeof render.window);
    render.w = render.h = 32;
    render.picture = FL_UNDER_COLOUR;
    render.output = FL_OUT_COLOUR;
    struct fl_frame *frame = rig_try(&rig, over, checks, &render);
    EXPECT(!frame->error.code);
    for (int i = 0; i < 32 * 32 * 3; i++) {
        EXPECT(abs(frame->pixels[i] - 128) <= 2);
        sum += frame->pixels[i];
    }
    EXPECT_NEAR(sum / (32 * 32 * 3), 127.5, 2);
    rig_free(frame);
    fl_map_unref(over);
    fl_picture_unref(checks);
    free(board);
}

int main(void)
{
    rig = rig_open(NULL, 0);
    make_map();
    RUN(test_levels_are_the_rounded_stretch);
    RUN(test_lo_equal_to_hi_shows_one_half);
    RUN(test_a_window_shows_its_cells_with_the_whole_maps_stretch);
    RUN(test_fewer_pixels_are_means_of_valid_cells);
    RUN(test_colours_lie_over_the_picture_by_the_formula);
    RUN(test_a_picture_much_larger_than_the_frame_is_averaged);
    fl_map_unref(map);
    fl_picture_unref(picture);
    rig_close(&rig);
    return 0;
}
