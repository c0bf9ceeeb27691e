// The colour bar beside an exported picture: its colours, its numbers, and the picture left as it is.
#include "proto/colormap.h"
#include "server/encode/colorbar.h"
#include "server/encode/glyphs.h"
#include "server/encode/lettering.h"
#include "test.h"

static struct fl_frame frame_of(int32_t w, int32_t h)
{
    struct fl_frame frame = {.w = w, .h = h, .channels = 3, .lo = 0.25, .hi = 0.75};

    frame.render.output = FL_OUT_COLOUR;
    frame.pixels = malloc((size_t)w * (size_t)h * 3);
    EXPECT(frame.pixels);
    for (int32_t i = 0; i < w * h * 3; i++)
        frame.pixels[i] = (uint8_t)(i * 31);
    return frame;
}

static void add(struct fl_frame *frame)
{
    struct fl_error error = {0};
    EXPECT_INT(fl_colorbar_add(frame, &error), FL_OK);
}

static const uint8_t *at(const struct fl_frame *frame, int32_t x, int32_t y)
{
    return frame->pixels + ((size_t)y * (size_t)frame->w + (size_t)x) * 3;
}

static bool is_dark(const uint8_t *rgb)
{
    return rgb[0] < 128 && rgb[1] < 128 && rgb[2] < 128;
}

static void test_the_picture_stays_as_it_is(void)
{
    static const int32_t sizes[][2] = {{427, 640}, {27, 40}, {1, 1}, {3000, 20}, {20, 3000}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int32_t w = sizes[i][0], h = sizes[i][1];
        struct fl_frame frame = frame_of(w, h);
        add(&frame);
        EXPECT(frame.w > w && frame.h >= h && frame.h >= 180);
        for (int32_t y = 0; y < h; y++)
            for (int32_t x = 0; x < w; x++)
                EXPECT_INT(at(&frame, x, y)[1], (uint8_t)(((y * w + x) * 3 + 1) * 31));
        EXPECT(frame.bar[0] > w && frame.bar[2] < frame.w && frame.bar[3] < frame.h);
        EXPECT(frame.bar[2] - frame.bar[0] >= 10 && frame.bar[3] - frame.bar[1] >= 80);
        free(frame.pixels);
    }
}

static void expect_colours(const struct fl_frame *frame, bool reversed)
{
    const uint8_t *colours = fl_colormap_rgb(frame->render.colormap);
    const int32_t *bar = frame->bar;

    for (int32_t y = bar[1]; y < bar[3]; y++)
        for (int32_t x = bar[0]; x < bar[2]; x++) {
            double s = (bar[3] - y - 0.5) / (bar[3] - bar[1]);
            long level = lround(255 * (reversed ? 1 - s : s));
            // A half may go either way.
            EXPECT(memcmp(at(frame, x, y), colours + 3 * level, 3) == 0 ||
                   fabs(255 * s - floor(255 * s) - 0.5) < 1e-9);
        }
}

static void test_its_colours_are_those_of_the_map_bright_on_top(void)
{
    for (int map = 0; map < FL_COLORMAPS; map++)
        for (int reversed = 0; reversed < 2; reversed++) {
            struct fl_frame frame = frame_of(64, 300);
            frame.render.colormap = (enum fl_colormap)map;
            frame.render.reversed = reversed;
            frame.render.metric = map % 2 ? FL_METRIC_L2 : FL_METRIC_ANGULAR;
            add(&frame);
            expect_colours(&frame, reversed);
            free(frame.pixels);
        }
}

static void test_a_stretch_of_nothing_is_its_middle_colour(void)
{
    struct fl_frame frame = frame_of(64, 300);
    const uint8_t *middle = fl_colormap_rgb(FL_COLORMAP_VIRIDIS) + (size_t)128 * 3;

    frame.hi = frame.lo;
    add(&frame);
    for (int32_t y = frame.bar[1]; y < frame.bar[3]; y++)
        EXPECT(memcmp(at(&frame, frame.bar[0], y), middle, 3) == 0);
    free(frame.pixels);
}

// Rows of marks right of the bar, from the top.
static int marks(const struct fl_frame *frame, int32_t *rows, int most)
{
    int n = 0;

    for (int32_t y = frame->bar[1] - 1; y <= frame->bar[3]; y++)
        if (is_dark(at(frame, frame->bar[2] + 3, y)) && n < most)
            rows[n++] = y;
    return n;
}

static void test_lo_hi_and_round_values_are_marked_where_they_lie(void)
{
    struct fl_frame frame = frame_of(64, 600);
    int32_t rows[16];

    frame.lo = 0.05;
    frame.hi = 0.95; // marks at lo, 0.25, 0.5, 0.75, hi
    add(&frame);
    EXPECT_INT(marks(&frame, rows, 16), 5);
    double height = frame.bar[3] - frame.bar[1];
    static const double values[] = {0.95, 0.75, 0.5, 0.25, 0.05};
    for (int i = 0; i < 5; i++)
        EXPECT_NEAR(rows[i], frame.bar[3] - (values[i] - 0.05) / 0.9 * height, 1.5);
    free(frame.pixels);
}

static void test_distances_run_downwards(void)
{
    struct fl_frame frame = frame_of(64, 600);
    int32_t rows[16];

    frame.lo = 0;
    frame.hi = 9; // marks at 2.5, 5, 7.5
    frame.render.metric = FL_METRIC_L2;
    add(&frame);
    EXPECT_INT(marks(&frame, rows, 16), 5);
    EXPECT_NEAR(rows[1], frame.bar[1] + 2.5 / 9 * (frame.bar[3] - frame.bar[1]), 1.5);
    free(frame.pixels);
}

static void test_where_nothing_is_valid_there_is_no_bar_but_words(void)
{
    struct fl_frame frame = frame_of(64, 300);
    int dark = 0;

    frame.lo = frame.hi = (double)NAN;
    add(&frame);
    for (int32_t y = 0; y < frame.h; y++)
        for (int32_t x = 64; x < frame.w; x++)
            dark += is_dark(at(&frame, x, y));
    EXPECT(dark > 50);
    EXPECT_INT(at(&frame, (frame.bar[0] + frame.bar[2]) / 2, (frame.bar[1] + frame.bar[3]) / 2)[0],
               255);
    free(frame.pixels);
}

static void test_round_values_are_round(void)
{
    double ticks[8];

    EXPECT_INT(fl_colorbar_ticks(0, 1, ticks, 8), 3);
    EXPECT(ticks[0] == 0.25 && ticks[1] == 0.5 && ticks[2] == 0.75);
    EXPECT_INT(fl_colorbar_ticks(90, -90, ticks, 8), 3); // the ends may come in either order
    EXPECT(ticks[0] == -50 && ticks[1] == 0 && ticks[2] == 50);
    EXPECT_INT(fl_colorbar_ticks(3, 3, ticks, 8), 0);
    EXPECT_INT(fl_colorbar_ticks((double)NAN, 1, ticks, 8), 0);
    EXPECT_INT(fl_colorbar_ticks(0, (double)INFINITY, ticks, 8), 0);
    EXPECT(fl_colorbar_ticks(-1e300, 1e300, ticks, 8) <= 8);
    EXPECT(fl_colorbar_ticks(1e-300, 3e-300, ticks, 8) <= 8);
    EXPECT(fl_colorbar_ticks(1, 1 + 2e-16, ticks, 8) <= 8); // a step less than doubles tell apart
    double span = 1e-6;
    for (int i = 0; i < 100; i++, span *= 1.37) {
        int n = fl_colorbar_ticks(-span / 3, span, ticks, 8);
        EXPECT(n >= 2 && n <= 6);
    }
}

static void test_every_letter_it_writes_has_a_glyph(void)
{
    const char *words[64] = {
        "channel 0123456789", "norm", ", degrees", "origin min", "no data", "-0.5", "1e+06",
        "percentile 2, 98"};
    int n = 8;

    for (int i = 0; i < FL_METRICS; i++)
        words[n++] = fl_metric_names[i];
    for (int i = 0; i < FL_STRETCHES; i++)
        words[n++] = fl_stretch_names[i];
    for (int i = 0; i < n; i++)
        for (const char *c = words[i]; *c; c++)
            EXPECT(*c == ' ' || fl_glyph_find(*c));
}

// The stroke at `text`: pairs of digits inside the box. What stands behind it.
static const char *check_stroke(const char *text, int width)
{
    int points = 0;

    text += *text == '~' || *text == 'o';
    for (; *text && *text != ' '; text += 2, points++) {
        EXPECT(*text >= '0' && *text <= '9' && *text - '0' <= width);
        EXPECT((text[1] >= '0' && text[1] <= '9') || (text[1] >= 'a' && text[1] <= 'd'));
    }
    EXPECT(points >= 2 && points <= 8);
    return text + (*text == ' ');
}

static void test_glyphs_stay_in_their_boxes(void)
{
    int n = 0;

    for (int c = 1; c < 256; c++) {
        const struct fl_glyph *glyph = fl_glyph_find((char)c);
        for (const char *text = glyph ? glyph->strokes : ""; *text;)
            text = check_stroke(text, glyph->width);
        n += glyph != NULL;
    }
    EXPECT(n >= 41);
}

static void test_letters_cover_what_their_width_says_and_stay_on_the_paper(void)
{
    enum { W = 120, H = 40 };
    uint8_t rgb[W * H * 3];
    const struct fl_paper paper = {rgb, W, H};
    struct fl_letters letters = {.x = 10, .y = 25, .height = 14};

    memset(rgb, 255, sizeof rgb);
    fl_letters_draw(&paper, &letters, "0.25");
    double end = 10 + fl_letters_width(14, "0.25");
    int inside = 0;
    for (int i = 0; i < W * H; i++) {
        if (!is_dark(rgb + (size_t)i * 3))
            continue;
        EXPECT(i % W >= 9 && i % W <= end + 1 && i / W >= 10 && i / W <= 26);
        inside++;
    }
    EXPECT(inside > 40);
    letters.x = -30; // over every edge
    letters.height = 90;
    fl_letters_draw(&paper, &letters, "gqy %88");
}

int main(void)
{
    RUN(test_the_picture_stays_as_it_is);
    RUN(test_its_colours_are_those_of_the_map_bright_on_top);
    RUN(test_a_stretch_of_nothing_is_its_middle_colour);
    RUN(test_lo_hi_and_round_values_are_marked_where_they_lie);
    RUN(test_distances_run_downwards);
    RUN(test_where_nothing_is_valid_there_is_no_bar_but_words);
    RUN(test_round_values_are_round);
    RUN(test_every_letter_it_writes_has_a_glyph);
    RUN(test_glyphs_stay_in_their_boxes);
    RUN(test_letters_cover_what_their_width_says_and_stay_on_the_paper);
    return 0;
}
