// Which frames become JPEGs because the server is behind, and that all others stay exact.
#include "proto/buf.h"
#include "server/base/thread.h"
#include "server/encode/encode.h"
#include "server/encode/hurry.h"
#include "test.h"

enum { W = 256, H = 256, QUEUED = 5 };

static const struct fl_encoding EXACT = {FL_ENC_NONE, 1 << 20, 95, 0};

static struct fl_frame moving(void)
{
    struct fl_frame frame = {.moving = true, .w = W, .h = H, .channels = 1, .encoding = EXACT};

    frame.render.output = FL_OUT_LEVELS;
    return frame;
}

static void test_a_large_moving_frame_hurries_when_more_wait_than_there_are_encoders(void)
{
    struct fl_frame frame = moving();

    EXPECT(!fl_hurry_wanted(&frame, 0, 1));
    EXPECT(!fl_hurry_wanted(&frame, 1, 1));
    EXPECT(fl_hurry_wanted(&frame, 2, 1));
    EXPECT(!fl_hurry_wanted(&frame, 4, 4));
    EXPECT(fl_hurry_wanted(&frame, 5, 4));
}

static void test_or_when_more_views_wait_than_a_pass_serves(void)
{
    struct fl_frame frame = moving();

    frame.crowded = true;
    EXPECT(fl_hurry_wanted(&frame, 0, 4));
    frame.moving = false;
    EXPECT(!fl_hurry_wanted(&frame, 0, 4));
}

static void test_no_other_frame_hurries(void)
{
    struct fl_frame rests = moving(), small = moving(), still = moving(), png = moving();
    struct fl_frame jpeg = moving(), colour = moving(), values = moving(), mask = moving();

    rests.moving = false;
    small.h = H - 1;
    still.encoding.strip = 16384;
    png.encoding.enc = FL_ENC_PNG;
    jpeg.encoding.enc = FL_ENC_JPEG; // the link's quality stays
    colour.render.output = FL_OUT_COLOUR;
    values.render.output = FL_OUT_VALUES;
    mask.render.output = FL_OUT_MASK;
    const struct {
        const char *why;
        const struct fl_frame *frame;
    } others[] = {{"at rest", &rests}, {"small", &small},   {"a still", &still}, {"a PNG", &png},
                  {"a JPEG", &jpeg},   {"colour", &colour}, {"values", &values}, {"a mask", &mask}};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct fl_frame crowded = *others[i].frame;
        crowded.crowded = true;
        if (fl_hurry_wanted(&crowded, 100, 1))
            fprintf(stderr, "  %s\n", others[i].why);
        EXPECT(!fl_hurry_wanted(&crowded, 100, 1));
    }
}

static void test_it_asks_for_the_jpeg_that_it_becomes(void)
{
    struct fl_frame frame = moving();

    fl_hurry(&frame);
    EXPECT_INT(frame.encoding.enc, FL_ENC_JPEG); // so its size teaches nothing about PNGs
    EXPECT_INT(frame.encoding.quality, 90);
    EXPECT_INT(frame.encoding.budget, 0);
    EXPECT_INT(frame.encoding.strip, 0);
}

// A pool of one encoder, which stands still at the first frame until all others were sent.
struct rig {
    struct fl_mailbox *done, *gate;
    struct fl_encode *encode;
};

static int gate_pass; // any pointer but NULL

static void take(void *user, struct fl_frame *frame)
{
    struct rig *rig = user;

    if (!frame->render.window[0])
        fl_mailbox_take(rig->gate);
    fl_mailbox_put(rig->done, frame);
}

static struct fl_frame *frame_of(int number, bool is_moving, int h)
{
    struct fl_frame *frame = malloc(sizeof *frame);

    *frame = moving();
    frame->moving = is_moving;
    frame->h = h;
    frame->render.window[0] = number;
    frame->pixels = malloc((size_t)W * (size_t)h);
    for (int i = 0; i < W * h; i++)
        frame->pixels[i] = (uint8_t)(i / W + i % W);
    return frame;
}

// The encodings of QUEUED frames that waited together, in the order that they were sent.
static void encode_queued(struct fl_frame *(*make)(int number), enum fl_enc *out)
{
    struct rig rig = {fl_mailbox_create(), fl_mailbox_create(), NULL};

    rig.encode = fl_encode_create(1, take, &rig);
    fl_encode_send(rig.encode, frame_of(0, true, 1));
    for (int i = 1; i <= QUEUED; i++)
        fl_encode_send(rig.encode, make(i));
    fl_mailbox_put(rig.gate, &gate_pass);
    for (int i = 0; i <= QUEUED; i++) {
        struct fl_frame *frame = fl_mailbox_take(rig.done);
        EXPECT_INT(frame->render.window[0], i);
        EXPECT(frame->image);
        if (i > 0)
            out[i - 1] = frame->enc;
        fl_buf_unref(frame->image);
        free(frame);
    }
    fl_encode_destroy(rig.encode);
    fl_mailbox_destroy(rig.done);
    fl_mailbox_destroy(rig.gate);
}

static struct fl_frame *large_in_motion(int number)
{
    return frame_of(number, true, H);
}

static struct fl_frame *large_at_rest(int number)
{
    return frame_of(number, false, H);
}

static struct fl_frame *small_in_motion(int number)
{
    return frame_of(number, true, H - 1);
}

static void test_a_pool_that_is_behind_hurries_until_it_has_caught_up(void)
{
    enum fl_enc enc[QUEUED];

    encode_queued(large_in_motion, enc);
    EXPECT_INT(enc[0], FL_ENC_JPEG); // four wait
    EXPECT_INT(enc[1], FL_ENC_JPEG);
    EXPECT_INT(enc[2], FL_ENC_JPEG); // two
    EXPECT_INT(enc[3], FL_ENC_PNG);
    EXPECT_INT(enc[4], FL_ENC_PNG);
}

static void test_frames_at_rest_and_small_ones_stay_exact_in_any_queue(void)
{
    enum fl_enc enc[2][QUEUED];

    encode_queued(large_at_rest, enc[0]);
    encode_queued(small_in_motion, enc[1]);
    for (int i = 0; i < QUEUED; i++) {
        EXPECT_INT(enc[0][i], FL_ENC_PNG);
        EXPECT_INT(enc[1][i], FL_ENC_PNG);
    }
}

// Alone in the pool: its encoding, and what was asked for when it came back.
static enum fl_enc encode_alone(struct fl_frame *frame, struct fl_encoding *asked)
{
    struct rig rig = {fl_mailbox_create(), NULL, NULL};

    rig.encode = fl_encode_create(1, take, &rig);
    fl_encode_send(rig.encode, frame);
    frame = fl_mailbox_take(rig.done);
    EXPECT(frame->image);
    enum fl_enc enc = frame->enc;
    *asked = frame->encoding;
    fl_buf_unref(frame->image);
    free(frame);
    fl_encode_destroy(rig.encode);
    fl_mailbox_destroy(rig.done);
    return enc;
}

static void test_where_nobody_waits_it_is_exact(void)
{
    struct fl_encoding asked;

    EXPECT_INT(encode_alone(large_in_motion(1), &asked), FL_ENC_PNG);
    EXPECT_INT(asked.budget, EXACT.budget); // as it was
}

static void test_in_a_crowd_only_a_large_frame_in_motion_is_a_jpeg(void)
{
    struct fl_frame *large = large_in_motion(1), *rests = large_at_rest(1);
    struct fl_frame *small = small_in_motion(1), *still = large_in_motion(1);
    struct fl_encoding asked;

    large->crowded = rests->crowded = small->crowded = still->crowded = true;
    still->encoding.strip = still->encoding.budget;
    EXPECT_INT(encode_alone(large, &asked), FL_ENC_JPEG);
    EXPECT_INT(asked.enc, FL_ENC_JPEG);
    EXPECT_INT(asked.quality, 90);
    EXPECT_INT(encode_alone(rests, &asked), FL_ENC_PNG);
    EXPECT_INT(encode_alone(small, &asked), FL_ENC_PNG);
    EXPECT_INT(encode_alone(still, &asked), FL_ENC_PNG);
}

int main(void)
{
    RUN(test_a_large_moving_frame_hurries_when_more_wait_than_there_are_encoders);
    RUN(test_or_when_more_views_wait_than_a_pass_serves);
    RUN(test_no_other_frame_hurries);
    RUN(test_it_asks_for_the_jpeg_that_it_becomes);
    RUN(test_a_pool_that_is_behind_hurries_until_it_has_caught_up);
    RUN(test_frames_at_rest_and_small_ones_stay_exact_in_any_queue);
    RUN(test_where_nobody_waits_it_is_exact);
    RUN(test_in_a_crowd_only_a_large_frame_in_motion_is_a_jpeg);
    return 0;
}
