// Pictures of 8-bit grey, decoded again by libpng, beside what libpng makes of them.
#include "proto/buf.h"
#include "server/encode/grey_png.h"
#include "server/encode/png_write.h"
#include "test.h"

#include <png.h>
#include <stdbool.h>

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

// Noise of `range` levels over a ramp, with runs of equal pixels.
static void fill(uint8_t *pixels, int32_t w, int32_t h, uint32_t range, uint32_t *seed)
{
    size_t n = (size_t)w * (size_t)h, run = 0;

    for (size_t i = 0; i < n; i++) {
        if (run == 0 && i > 0 && next_random(seed) % 64 == 0)
            run = next_random(seed) % 700;
        if (run > 0) {
            run--;
            pixels[i] = pixels[i - 1];
            continue;
        }
        pixels[i] = (uint8_t)(i / 37 + next_random(seed) % range);
    }
}

static void expect_decodes(struct fl_buf *buf, const uint8_t *want, int32_t w, int32_t h)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    size_t n = (size_t)w * (size_t)h;
    uint8_t *got = malloc(n);

    EXPECT(png_image_begin_read_from_memory(&image, fl_buf_bytes(buf), fl_buf_len(buf)));
    EXPECT_INT(image.width, w);
    EXPECT_INT(image.height, h);
    EXPECT_INT(image.format, PNG_FORMAT_GRAY);
    EXPECT(png_image_finish_read(&image, NULL, got, 0, NULL));
    EXPECT_INT(image.warning_or_error, 0);
    EXPECT(memcmp(want, got, n) == 0);
    free(got);
}

static void check_shape(struct fl_grey_png *png, const int32_t shape[2], uint32_t range,
                        uint32_t *seed)
{
    int32_t w = shape[0], h = shape[1];
    size_t n = (size_t)w * (size_t)h;
    uint8_t *pixels = malloc(n);

    fill(pixels, w, h, range, seed);
    struct fl_buf *buf = fl_grey_png_write(png, pixels, w, h, n + n / 4 + 4096);
    EXPECT(buf != NULL);
    expect_decodes(buf, pixels, w, h);
    fl_buf_unref(buf);
    free(pixels);
}

static void test_every_shape_and_noise_is_exact(void)
{
    static const int32_t shapes[][2] = {{1, 1},   {2, 1},     {1, 300},   {7, 9},    {160, 106},
                                        {257, 3}, {512, 256}, {70001, 2}, {3, 33000}};
    static const uint32_t ranges[] = {1, 2, 3, 16, 100, 256};
    struct fl_grey_png *png = fl_grey_png_create();
    uint32_t seed = 7;

    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
            check_shape(png, shapes[s], ranges[r], &seed);
    fl_grey_png_destroy(png);
}

static void test_it_keeps_to_its_budget(void)
{
    enum { W = 90, H = 40 };
    uint8_t pixels[W * H];
    struct fl_grey_png *png = fl_grey_png_create();
    uint32_t seed = 3;

    fill(pixels, W, H, 20, &seed);
    struct fl_buf *whole = fl_grey_png_write(png, pixels, W, H, 100000);
    size_t len = fl_buf_len(whole);
    bool given_up = false;
    for (size_t most = 0; most < len + 40; most++) {
        struct fl_buf *buf = fl_grey_png_write(png, pixels, W, H, most);
        given_up = given_up || !buf;
        EXPECT(most < len + 10 || buf);
        EXPECT(!buf || fl_buf_len(buf) <= most);
        EXPECT(!buf || fl_buf_len(buf) == len);
        fl_buf_unref(buf);
    }
    EXPECT(given_up);
    fl_buf_unref(whole);
    fl_grey_png_destroy(png);
}

// As libpng with zlib's Z_RLE, which looks for nothing but runs.
static void test_it_is_nearly_as_small_as_libpngs(void)
{
    static const uint32_t ranges[] = {1, 4, 30, 256};
    enum { W = 512, H = 256 };
    uint8_t *pixels = malloc((size_t)W * H);
    struct fl_grey_png *png = fl_grey_png_create();
    uint32_t seed = 5;

    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
        fill(pixels, W, H, ranges[r], &seed);
        struct fl_png plain = {.pixels = pixels, .w = W, .h = H, .channels = 1, .bits = 8};
        struct fl_buf *a = fl_grey_png_write(png, pixels, W, H, (size_t)2 * W * H);
        struct fl_buf *b = fl_png_write(&plain);
        EXPECT(a && b);
        // Runs alone are Z_RLE's own field: there it is small in any case.
        size_t more = ranges[r] == 1 ? 140 : 105;
        EXPECT(fl_buf_len(a) <= fl_buf_len(b) * more / 100 + 60);
        fl_buf_unref(a);
        fl_buf_unref(b);
    }
    fl_grey_png_destroy(png);
    free(pixels);
}

int main(void)
{
    RUN(test_every_shape_and_noise_is_exact);
    RUN(test_it_keeps_to_its_budget);
    RUN(test_it_is_nearly_as_small_as_libpngs);
    return 0;
}
