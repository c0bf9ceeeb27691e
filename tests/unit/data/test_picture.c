#include "server/data/picture.h"

#include "files.h"
#include "server/base/frame.h"

// --- PNG ---

static struct fl_picture *load_bytes(struct fl_buf *buf)
{
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_picture_open_bytes(buf, "test", &picture, &error), FL_OK);
    EXPECT(fl_picture_rgb(picture) == NULL);
    EXPECT_INT(fl_picture_load(picture, &error), FL_OK);
    EXPECT_INT(fl_picture_load(picture, &error), FL_OK); // idempotent
    EXPECT(fl_picture_rgb(picture));
    return picture;
}

static void expect_png(const struct png_kind *kind, const uint8_t *row, size_t stride,
                       const uint8_t want[2 * 3])
{
    uint8_t rows[16];

    memcpy(rows, row, stride);
    memcpy(rows + stride, row, stride);
    struct fl_buf *buf = make_png(2, 2, kind, rows, stride);
    struct fl_picture *picture = load_bytes(buf);
    EXPECT_INT(fl_picture_w(picture), 2);
    EXPECT_INT(fl_picture_h(picture), 2);
    for (int i = 0; i < 12; i++)
        EXPECT_INT(fl_picture_rgb(picture)[i], want[i % 6]);
    fl_picture_unref(picture);
    fl_buf_unref(buf);
}

static void test_a_png_of_any_kind_becomes_rgb(void)
{
    static const struct {
        struct png_kind kind;
        uint8_t row[8];
        size_t stride;
        uint8_t want[6];
    } rows[] = {
        {{.bits = 1, .colour = PNG_COLOR_TYPE_GRAY}, {0x40}, 1, {0, 0, 0, 255, 255, 255}},
        {{.bits = 2, .colour = PNG_COLOR_TYPE_GRAY}, {0x60}, 1, {85, 85, 85, 170, 170, 170}},
        {{.bits = 4, .colour = PNG_COLOR_TYPE_GRAY}, {0x1f}, 1, {17, 17, 17, 255, 255, 255}},
        {{.bits = 8, .colour = PNG_COLOR_TYPE_GRAY}, {7, 9}, 2, {7, 7, 7, 9, 9, 9}},
        {{.bits = 16, .colour = PNG_COLOR_TYPE_GRAY},
         {0x12, 0x34, 0xff, 0x00},
         4,
         {18, 18, 18, 254, 254, 254}}, // rounded, not cut
        {{.bits = 8, .colour = PNG_COLOR_TYPE_RGB}, {1, 2, 3, 4, 5, 6}, 6, {1, 2, 3, 4, 5, 6}},
        {{.bits = 8, .colour = PNG_COLOR_TYPE_RGB, .interlaced = true},
         {1, 2, 3, 4, 5, 6},
         6,
         {1, 2, 3, 4, 5, 6}},
        {{.bits = 8,
          .colour = PNG_COLOR_TYPE_PALETTE,
          .palette = {{9, 8, 7}, {6, 5, 4}},
          .n_palette = 2},
         {1, 0},
         2,
         {6, 5, 4, 9, 8, 7}},
        {{.bits = 8,
          .colour = PNG_COLOR_TYPE_PALETTE,
          .palette = {{9, 8, 7}, {6, 5, 4}},
          .n_palette = 2,
          .alpha = {0},
          .n_alpha = 1},
         {1, 0},
         2,
         {6, 5, 4, 255, 255, 255}},
        {{.bits = 8, .colour = PNG_COLOR_TYPE_GRAY_ALPHA},
         {100, 255, 100, 0},
         4,
         {100, 100, 100, 255, 255, 255}},
        {{.bits = 8, .colour = PNG_COLOR_TYPE_RGB_ALPHA},
         {0, 10, 20, 51, 0, 10, 20, 255},
         8,
         {204, 206, 208, 0, 10, 20}},
        {{.bits = 8, .colour = PNG_COLOR_TYPE_GRAY, .clear = true},
         {0, 9},
         2,
         {255, 255, 255, 9, 9, 9}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_png(&rows[i].kind, rows[i].row, rows[i].stride, rows[i].want);
}

// --- JPEG ---

// Which quarter's colour lies at a point: 'r', 'g', 'b', 'w'.
static char colour_at(const struct fl_picture *picture, int x, int y)
{
    const uint8_t *at = look(picture, x, y);

    if (at[0] > 200 && at[1] > 200)
        return 'w';
    return at[0] > 200 ? 'r' : at[1] > 200 ? 'g' : 'b';
}

static void expect_corners(const struct fl_picture *picture, const char *want)
{
    int right = fl_picture_w(picture) - 4, bottom = fl_picture_h(picture) - 4;
    const char got[5] = {colour_at(picture, 3, 3), colour_at(picture, right, 3),
                         colour_at(picture, 3, bottom), colour_at(picture, right, bottom), 0};

    if (strcmp(got, want) != 0)
        fprintf(stderr, "corners are %s, expected %s\n", got, want);
    EXPECT(strcmp(got, want) == 0);
}

static void test_a_jpeg_becomes_rgb(void)
{
    for (int progressive = 0; progressive < 2; progressive++) {
        struct fl_buf *buf = quarters_jpeg(progressive ? TJFLAG_PROGRESSIVE : 0);
        struct fl_picture *picture = load_bytes(buf);
        EXPECT_INT(fl_picture_w(picture), QUARTERS_W);
        EXPECT_INT(fl_picture_h(picture), QUARTERS_H);
        expect_corners(picture, "rgbw");
        fl_picture_unref(picture);
        fl_buf_unref(buf);
    }
}

static void test_a_grey_jpeg_becomes_rgb(void)
{
    uint8_t grey[QUARTERS_W * QUARTERS_H];

    memset(grey, 77, sizeof grey);
    struct fl_buf *buf = make_jpeg(QUARTERS_W, QUARTERS_H, TJPF_GRAY, grey, 0);
    struct fl_picture *picture = load_bytes(buf);
    for (int i = 0; i < QUARTERS_W * QUARTERS_H * 3; i++)
        EXPECT_NEAR(fl_picture_rgb(picture)[i], 77, 1);
    fl_picture_unref(picture);
    fl_buf_unref(buf);
}

// The JPEG with an EXIF segment behind its first two bytes that tells this orientation.
static struct fl_buf *with_orientation(struct fl_buf *jpeg, bool little, uint8_t orientation)
{
    static const uint8_t big_segment[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,  'M', 'M',
                                          0,    42,   0, 0,  0,   8,   0,   1,   1, 18, 0,   3,
                                          0,    0,    0, 1,  0,   0,   0,   0,   0, 0,  0,   0};
    static const uint8_t little_segment[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0,  0, 'I', 'I',
                                             42,   0,    8, 0,  0,   0,   1,   0,   18, 1, 3,   0,
                                             1,    0,    0, 0,  0,   0,   0,   0,   0,  0, 0,   0};
    const size_t n = sizeof big_segment;
    struct fl_buf *buf = fl_buf_create(fl_buf_len(jpeg) + n);

    EXPECT(buf);
    fl_buf_set_len(buf, fl_buf_len(jpeg) + n);
    memcpy(fl_buf_bytes(buf), fl_buf_bytes(jpeg), 2);
    memcpy(fl_buf_bytes(buf) + 2, little ? little_segment : big_segment, n);
    fl_buf_bytes(buf)[2 + (little ? 28 : 29)] = orientation;
    memcpy(fl_buf_bytes(buf) + 2 + n, fl_buf_bytes(jpeg) + 2, fl_buf_len(jpeg) - 2);
    return buf;
}

static void test_a_jpeg_is_turned_upright(void)
{
    // What EXIF says about where the first row and column are to be seen.
    static const char *const want[] = {"rgbw", "grwb", "wbgr", "bwrg",
                                       "rbgw", "brwg", "wgbr", "gwrb"};
    struct fl_buf *jpeg = quarters_jpeg(0);

    for (uint8_t orientation = 1; orientation <= 8; orientation++) {
        struct fl_buf *buf = with_orientation(jpeg, orientation % 2 == 0, orientation);
        struct fl_picture *picture = load_bytes(buf);
        EXPECT_INT(fl_picture_w(picture), orientation < 5 ? QUARTERS_W : QUARTERS_H);
        EXPECT_INT(fl_picture_h(picture), orientation < 5 ? QUARTERS_H : QUARTERS_W);
        expect_corners(picture, want[orientation - 1]);
        fl_picture_unref(picture);
        fl_buf_unref(buf);
    }
    struct fl_buf *buf = with_orientation(jpeg, true, 9); // there is no such orientation
    struct fl_picture *picture = load_bytes(buf);
    expect_corners(picture, "rgbw");
    fl_picture_unref(picture);
    fl_buf_unref(buf);
    fl_buf_unref(jpeg);
}

// --- the file's own bytes ---

static void test_a_file_gives_its_own_bytes_whatever_its_name(void)
{
    struct fl_buf *jpeg = quarters_jpeg(0), *got = NULL;
    char path[] = "/tmp/farlook-picture-XXXXXX"; // no extension: the content decides
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    int enc = 0;

    save(jpeg, path);
    EXPECT_INT(fl_picture_open(path, &picture, &error), FL_OK);
    EXPECT_INT(fl_picture_file(picture, &got, &enc, &error), FL_OK);
    EXPECT_INT(enc, FL_ENC_JPEG);
    EXPECT_INT(fl_buf_len(got), fl_buf_len(jpeg));
    EXPECT(memcmp(fl_buf_bytes(got), fl_buf_bytes(jpeg), fl_buf_len(jpeg)) == 0);
    fl_buf_unref(got);

    // Another picture under the same name is not taken for the old one.
    uint8_t grey[8 * 8] = {0};
    struct fl_buf *other = make_jpeg(8, 8, TJPF_GRAY, grey, 0);
    FILE *file = fopen(path, "wb");
    EXPECT(file && fwrite(fl_buf_bytes(other), fl_buf_len(other), 1, file) == 1);
    fclose(file);
    EXPECT_INT(fl_picture_file(picture, &got, &enc, &error), FL_ERR_GONE);
    EXPECT(got == NULL);
    EXPECT_INT(fl_picture_load(picture, &error), FL_ERR_GONE);
    unlink(path);
    EXPECT_INT(fl_picture_load(picture, &error), FL_ERR_NOT_FOUND);
    fl_picture_unref(picture);
    fl_buf_unref(other);
    fl_buf_unref(jpeg);
}

static void test_pictures_without_bytes_that_serve_give_none(void)
{
    const uint8_t rgba[4] = {10, 20, 30, 40}, rgb[3] = {1, 2, 3};
    struct fl_buf *png = make_rgba_png(1, 1, rgba), *got = NULL;
    struct fl_picture *pictures[2] = {load_bytes(png), fl_picture_of(rgb, 1, 1)};
    struct fl_error error = {0};
    int enc = 0;

    for (int i = 0; i < 2; i++) {
        EXPECT_INT(fl_picture_file(pictures[i], &got, &enc, &error), FL_OK);
        EXPECT(got == NULL);
        EXPECT_INT(enc, FL_ENC_NONE);
    }
    EXPECT_INT(fl_picture_load(pictures[1], &error), FL_OK);
    EXPECT(memcmp(fl_picture_rgb(pictures[1]), rgb, 3) == 0);
    fl_picture_unref(pictures[0]);
    fl_picture_unref(pictures[1]);
    fl_buf_unref(png);
}

static void test_bytes_in_memory_are_shared(void)
{
    struct fl_buf *jpeg = quarters_jpeg(0), *got = NULL;
    struct fl_picture *picture = load_bytes(jpeg);
    struct fl_error error = {0};
    int enc = 0;

    EXPECT_INT(fl_picture_file(picture, &got, &enc, &error), FL_OK);
    EXPECT(got == jpeg);
    fl_buf_unref(got);
    fl_picture_unref(picture);
    fl_buf_unref(jpeg);
}

// --- reduction ---

static void test_a_reduced_picture_is_the_area_mean(void)
{
    // 3 x 2 to 2 x 1: each pixel takes one and a half columns, both rows.
    const uint8_t rgb[3 * 2 * 3] = {0,  0, 0, 90,  90, 90, 180, 180, 180,
                                    60, 0, 0, 120, 30, 90, 30,  240, 180};
    struct fl_picture *picture = fl_picture_of(rgb, 3, 2);
    int32_t h = 0;
    uint8_t *small = fl_picture_scaled(picture, 2, &h);

    EXPECT_INT(h, 1);
    EXPECT_INT(small[0], (0 + 60 + 45 + 60 + 1) / 3); // (0 + 60 + (90 + 120) / 2) / 3
    EXPECT_INT(small[1], (0 + 0 + 60) / 3);
    EXPECT_INT(small[3], (180 + 30 + 105) / 3);
    EXPECT_INT(small[4], (180 + 240 + 60) / 3);
    EXPECT_INT(small[5], (180 + 180 + 90) / 3);
    free(small);
    small = fl_picture_scaled(picture, 100, &h); // never enlarged
    EXPECT_INT(h, 2);
    EXPECT(memcmp(small, rgb, sizeof rgb) == 0);
    free(small);
    fl_picture_unref(picture);
}

static void test_reducing_keeps_one_colour_and_at_least_one_row(void)
{
    uint8_t rgb[301 * 3];

    memset(rgb, 201, sizeof rgb);
    struct fl_picture *picture = fl_picture_of(rgb, 301, 1);
    for (int32_t w = 1; w < 301; w += 7) {
        int32_t h = 0;
        uint8_t *small = fl_picture_scaled(picture, w, &h);
        EXPECT_INT(h, 1);
        for (int32_t i = 0; i < w * 3; i++)
            EXPECT_INT(small[i], 201);
        free(small);
    }
    fl_picture_unref(picture);
}

static void test_a_real_photograph_is_read(void)
{
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    char path[4096];

    if (!find_data("hyd.jpg", path, sizeof path))
        return;
    EXPECT_INT(fl_picture_open(path, &picture, &error), FL_OK);
    EXPECT_INT(fl_picture_w(picture), 427);
    EXPECT_INT(fl_picture_h(picture), 640);
    EXPECT_INT(fl_picture_load(picture, &error), FL_OK);
    const uint8_t *at = look(picture, 215, 350); // the red hydrant
    EXPECT(at[0] > 2 * at[1] && at[0] > 2 * at[2]);
    fl_picture_unref(picture);
}

int main(void)
{
    RUN(test_a_png_of_any_kind_becomes_rgb);
    RUN(test_a_jpeg_becomes_rgb);
    RUN(test_a_grey_jpeg_becomes_rgb);
    RUN(test_a_jpeg_is_turned_upright);
    RUN(test_a_file_gives_its_own_bytes_whatever_its_name);
    RUN(test_pictures_without_bytes_that_serve_give_none);
    RUN(test_bytes_in_memory_are_shared);
    RUN(test_a_reduced_picture_is_the_area_mean);
    RUN(test_reducing_keeps_one_colour_and_at_least_one_row);
    RUN(test_a_real_photograph_is_read);
    return 0;
}
