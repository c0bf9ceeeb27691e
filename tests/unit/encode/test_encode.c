// What comes out of the encoder pool, decoded again by the libraries themselves.
#include "proto/buf.h"
#include "server/base/thread.h"
#include "server/encode/encode.h"
#include "test.h"

#include <png.h>
#include <turbojpeg.h>

enum { W = 37, H = 23 };

static void take(void *user, struct fl_frame *frame)
{
    fl_mailbox_put(user, frame);
}

// Sends one frame through a pool of its own and waits for it.
static struct fl_frame *encoded(struct fl_frame *frame)
{
    struct fl_mailbox *box = fl_mailbox_create();
    struct fl_encode *encode = fl_encode_create(2, take, box);

    fl_encode_send(encode, frame);
    struct fl_frame *back = fl_mailbox_take(box);
    fl_encode_destroy(encode);
    fl_mailbox_destroy(box);
    EXPECT(back == frame);
    EXPECT(!back->pixels);
    return back;
}

static struct fl_frame *frame_of(int channels, struct fl_encoding encoding)
{
    struct fl_frame *frame = calloc(1, sizeof *frame);

    frame->w = W;
    frame->h = H;
    frame->channels = channels;
    frame->encoding = encoding;
    frame->render.output = channels == 4   ? FL_OUT_VALUES
                           : channels == 3 ? FL_OUT_COLOUR
                                           : FL_OUT_LEVELS;
    frame->pixels = malloc((size_t)W * H * (size_t)channels);
    for (int i = 0; i < W * H * channels; i++)
        frame->pixels[i] = (uint8_t)((i * i) >> 3);
    return frame;
}

static void end(struct fl_frame *frame)
{
    fl_buf_unref(frame->image);
    free(frame);
}

static void read_png(struct fl_buf *buf, png_uint_32 format, uint8_t *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};

    EXPECT(png_image_begin_read_from_memory(&image, fl_buf_bytes(buf), fl_buf_len(buf)));
    EXPECT_INT(image.width, W);
    EXPECT_INT(image.height, H);
    image.format = format;
    EXPECT(png_image_finish_read(&image, NULL, out, 0, NULL));
}

static void test_a_png_of_levels_is_exact(void)
{
    struct fl_frame *frame = frame_of(1, (struct fl_encoding){FL_ENC_NONE, 0, 90, 0});
    uint8_t want[W * H], got[W * H];

    memcpy(want, frame->pixels, sizeof want);
    frame = encoded(frame);
    EXPECT_INT(frame->enc, FL_ENC_PNG);
    read_png(frame->image, PNG_FORMAT_GRAY, got);
    EXPECT(memcmp(want, got, sizeof want) == 0);
    end(frame);
}

static void test_a_png_of_colours_is_exact(void)
{
    struct fl_frame *frame = frame_of(3, (struct fl_encoding){FL_ENC_PNG, 1, 90, 0});
    uint8_t want[W * H * 3], got[W * H * 3];

    memcpy(want, frame->pixels, sizeof want);
    frame = encoded(frame);
    EXPECT_INT(frame->enc, FL_ENC_PNG); // asked for by name: the budget does not count
    read_png(frame->image, PNG_FORMAT_RGB, got);
    EXPECT(memcmp(want, got, sizeof want) == 0);
    end(frame);
}

static void test_over_the_budget_it_is_a_jpeg(void)
{
    struct fl_frame *frame = encoded(frame_of(1, (struct fl_encoding){FL_ENC_NONE, 100, 95, 0}));
    tjhandle tj = tjInitDecompress();
    int w = 0, h = 0, sampling = 0, space = 0;

    EXPECT_INT(frame->enc, FL_ENC_JPEG);
    EXPECT_INT(tjDecompressHeader3(tj, fl_buf_bytes(frame->image), fl_buf_len(frame->image), &w, &h,
                                   &sampling, &space),
               0);
    EXPECT_INT(w, W);
    EXPECT_INT(h, H);
    EXPECT_INT(sampling, TJSAMP_GRAY);
    tjDestroy(tj);
    end(frame);
}

static void test_in_strips_an_exact_picture_is_whole(void)
{
    struct fl_frame *frame = frame_of(1, (struct fl_encoding){FL_ENC_NONE, 200, 95, 200});
    uint8_t want[W * H], got[W * H] = {0};
    int32_t y = 0;

    memcpy(want, frame->pixels, sizeof want);
    frame = encoded(frame);
    EXPECT_INT(frame->enc, FL_ENC_PNG);
    EXPECT(!frame->image);
    EXPECT(frame->n_strips > 1);
    for (int32_t i = 0; i < frame->n_strips; i++) {
        const struct fl_strip *strip = &frame->strips[i];
        png_image image = {.version = PNG_IMAGE_VERSION};
        EXPECT_INT(strip->y0, y);
        EXPECT(fl_buf_len(strip->image) <= 200);
        EXPECT(png_image_begin_read_from_memory(&image, fl_buf_bytes(strip->image),
                                                fl_buf_len(strip->image)));
        EXPECT_INT(image.height, strip->y1 - strip->y0);
        image.format = PNG_FORMAT_GRAY;
        EXPECT(png_image_finish_read(&image, NULL, got + (size_t)y * W, 0, NULL));
        fl_buf_unref(strip->image);
        y = strip->y1;
    }
    EXPECT_INT(y, H);
    EXPECT(memcmp(want, got, sizeof want) == 0);
    free(frame->strips);
    end(frame);
}

static void test_a_colour_jpeg_keeps_all_its_colour(void)
{
    struct fl_frame *frame = encoded(frame_of(3, (struct fl_encoding){FL_ENC_JPEG, 0, 90, 0}));
    tjhandle tj = tjInitDecompress();
    int w = 0, h = 0, sampling = 0, space = 0;

    EXPECT_INT(tjDecompressHeader3(tj, fl_buf_bytes(frame->image), fl_buf_len(frame->image), &w, &h,
                                   &sampling, &space),
               0);
    EXPECT_INT(sampling, TJSAMP_444);
    tjDestroy(tj);
    end(frame);
}

static void test_a_mask_has_one_bit_a_pixel(void)
{
    struct fl_frame *frame = frame_of(1, (struct fl_encoding){FL_ENC_PNG, 0, 90, 0});
    uint8_t want[W * H], got[W * H];

    frame->render.output = FL_OUT_MASK;
    for (int i = 0; i < W * H; i++) {
        frame->pixels[i] = i % 3 == 0;
        want[i] = i % 3 == 0 ? 255 : 0;
    }
    frame = encoded(frame);
    EXPECT_INT(fl_buf_bytes(frame->image)[24], 1); // IHDR's bit depth
    read_png(frame->image, PNG_FORMAT_GRAY, got);
    EXPECT(memcmp(want, got, sizeof want) == 0);
    end(frame);
}

static void test_values_pass_as_they_are(void)
{
    struct fl_frame *frame = frame_of(4, (struct fl_encoding){0});
    uint8_t want[W * H * 4];

    memcpy(want, frame->pixels, sizeof want);
    frame = encoded(frame);
    EXPECT_INT(frame->enc, FL_ENC_RAW);
    EXPECT_INT(fl_buf_len(frame->image), sizeof want);
    EXPECT(memcmp(want, fl_buf_bytes(frame->image), sizeof want) == 0);
    end(frame);
}

static void test_an_error_passes_through(void)
{
    struct fl_frame *frame = frame_of(1, (struct fl_encoding){0});

    fl_fail(&frame->error, FL_ERR_GPU, "no");
    frame = encoded(frame);
    EXPECT_INT(frame->error.code, FL_ERR_GPU);
    EXPECT(!frame->image);
    end(frame);
}

int main(void)
{
    RUN(test_a_png_of_levels_is_exact);
    RUN(test_a_png_of_colours_is_exact);
    RUN(test_over_the_budget_it_is_a_jpeg);
    RUN(test_in_strips_an_exact_picture_is_whole);
    RUN(test_a_colour_jpeg_keeps_all_its_colour);
    RUN(test_a_mask_has_one_bit_a_pixel);
    RUN(test_values_pass_as_they_are);
    RUN(test_an_error_passes_through);
    return 0;
}
