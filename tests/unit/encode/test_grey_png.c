// Pictures of 8-bit grey, decoded again by libpng and zlib, beside what these would have made of them.
#include "proto/buf.h"
#include "server/encode/deflate.h"
#include "server/encode/grey_png.h"
#include "server/encode/huffman.h"
#include "test.h"

#include <png.h>
#include <zlib.h>

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

static void check_shape(int32_t w, int32_t h, uint32_t range, uint32_t *seed)
{
    size_t n = (size_t)w * (size_t)h;
    uint8_t *pixels = malloc(n);

    fill(pixels, w, h, range, seed);
    struct fl_buf *buf = fl_grey_png_write(pixels, w, h, n + n / 4 + 4096);
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
    uint32_t seed = 7;

    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
            check_shape(shapes[s][0], shapes[s][1], ranges[r], &seed);
}

static void test_it_keeps_to_its_budget(void)
{
    enum { W = 90, H = 40 };
    uint8_t pixels[W * H];
    uint32_t seed = 3;

    fill(pixels, W, H, 20, &seed);
    struct fl_buf *whole = fl_grey_png_write(pixels, W, H, 100000);
    size_t len = fl_buf_len(whole);
    bool given_up = false;
    for (size_t most = 0; most < len + 40; most++) {
        struct fl_buf *buf = fl_grey_png_write(pixels, W, H, most);
        given_up = given_up || !buf;
        EXPECT(most < len + 10 || buf);
        EXPECT(!buf || fl_buf_len(buf) <= most);
        EXPECT(!buf || fl_buf_len(buf) == len);
        fl_buf_unref(buf);
    }
    EXPECT(given_up);
    fl_buf_unref(whole);
}

// As zlib does it with Z_RLE.
static size_t size_by_zlib(uint8_t *bytes, size_t n)
{
    z_stream stream = {0};
    uint8_t *out = malloc(2 * n + 100);

    EXPECT_INT(deflateInit2(&stream, 1, Z_DEFLATED, 15, 8, Z_RLE), Z_OK);
    stream.next_in = bytes;
    stream.avail_in = (uInt)n;
    stream.next_out = out;
    stream.avail_out = (uInt)(2 * n + 100);
    EXPECT_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t len = stream.total_out;
    deflateEnd(&stream);
    free(out);
    return len;
}

static void check_size(uint32_t range, uint32_t *seed)
{
    enum { W = 512, H = 257, N = W * H, BLOCK = 65536 };
    uint8_t *bytes = malloc(N), *out = malloc((size_t)2 * N), *back = malloc(N);
    struct fl_deflate *deflate = fl_deflate_create(BLOCK);
    uLongf len = N;

    fill(bytes, W, H, range, seed);
    fl_deflate_begin(deflate, out, (size_t)2 * N - FL_DEFLATE_SPARE);
    for (size_t at = 0; at < N; at += BLOCK)
        EXPECT(fl_deflate_block(deflate, bytes + at, N - at < BLOCK ? N - at : BLOCK,
                                at + BLOCK >= N));
    EXPECT_INT(uncompress(back, &len, out, fl_deflate_len(deflate)), Z_OK);
    EXPECT_INT(len, N);
    EXPECT(memcmp(back, bytes, N) == 0);
    EXPECT(fl_deflate_len(deflate) <= size_by_zlib(bytes, N) * 105 / 100 + 60);
    fl_deflate_destroy(deflate);
    free(bytes);
    free(out);
    free(back);
}

static void test_it_is_nearly_as_small_as_zlibs(void)
{
    static const uint32_t ranges[] = {1, 4, 30, 256};
    uint32_t seed = 5;

    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
        check_size(ranges[r], &seed);
}

// Counts like Fibonacci's numbers make the deepest trees of all.
static void check_codes(const uint32_t *counts, size_t n, unsigned most)
{
    uint8_t lengths[FL_HUFFMAN_SYMBOLS];
    size_t taken = 0;

    fl_huffman_lengths(counts, FL_HUFFMAN_SYMBOLS, most, lengths);
    for (size_t i = 0; i < FL_HUFFMAN_SYMBOLS; i++) {
        EXPECT_INT(lengths[i] > 0, i < n);
        EXPECT(lengths[i] <= most);
        EXPECT(i == 0 || i >= n || lengths[i] <= lengths[i - 1]); // frequent ones are short
        taken += lengths[i] > 0 ? (size_t)1 << (most - lengths[i]) : 0;
    }
    EXPECT_INT(taken, (size_t)1 << most);
}

static void test_codes_are_complete_and_not_too_long(void)
{
    for (size_t n = 2; n <= 40; n++) {
        uint32_t counts[FL_HUFFMAN_SYMBOLS] = {1, 1};
        for (size_t i = 2; i < n; i++)
            counts[i] = counts[i - 1] + counts[i - 2];
        for (unsigned most = 7; most <= FL_HUFFMAN_BITS; most++)
            check_codes(counts, n, most);
    }
}

static void test_one_symbol_alone_gets_a_complete_code(void)
{
    uint32_t counts[19] = {[5] = 9};
    uint8_t lengths[19];
    uint16_t codes[19];

    fl_huffman_lengths(counts, 19, 7, lengths);
    EXPECT_INT(lengths[0], 1);
    EXPECT_INT(lengths[5], 1);
    fl_huffman_codes(lengths, 19, codes);
    EXPECT_INT(codes[0], 0);
    EXPECT_INT(codes[5], 1);
}

static void test_codes_begin_with_their_lowest_bit(void)
{
    // RFC 1951, 3.2.2: ABCDEFGH of 3, 3, 3, 3, 3, 2, 4, 4 bits are 010 011 100 101 110 00 1110 1111.
    static const uint8_t lengths[8] = {3, 3, 3, 3, 3, 2, 4, 4};
    static const uint16_t want[8] = {2, 6, 1, 5, 3, 0, 7, 15};
    uint16_t codes[8];

    fl_huffman_codes(lengths, 8, codes);
    for (size_t i = 0; i < 8; i++)
        EXPECT_INT(codes[i], want[i]);
}

int main(void)
{
    RUN(test_every_shape_and_noise_is_exact);
    RUN(test_it_keeps_to_its_budget);
    RUN(test_it_is_nearly_as_small_as_zlibs);
    RUN(test_codes_are_complete_and_not_too_long);
    RUN(test_one_symbol_alone_gets_a_complete_code);
    RUN(test_codes_begin_with_their_lowest_bit);
    return 0;
}
