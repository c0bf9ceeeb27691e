// Frames that fit: which form is chosen, and that what frames take is learned.
#include "server/session/ladder.h"
#include "test.h"

static const size_t C1 = 16960, L1 = 131072, L2 = 524288; // 106 x 160, 512 x 256, 1024 x 512

static struct fl_frame frame_of(enum fl_enc enc, const struct fl_rung *rung, int32_t w, int32_t h)
{
    return (struct fl_frame){
        .enc = enc, .encoding = rung->encoding, .w = w / rung->shrink, .h = h / rung->shrink};
}

static void test_without_a_budget_all_is_exact(void)
{
    struct fl_ladder ladder;

    fl_ladder_init(&ladder);
    struct fl_rung rung = fl_ladder_choose(&ladder, 1 << 24, 0);
    EXPECT_INT(rung.encoding.enc, FL_ENC_PNG);
    EXPECT_INT(rung.shrink, 1);
}

static void test_the_papers_maps_are_exact_on_a_slow_link(void)
{
    struct fl_ladder ladder;

    fl_ladder_init(&ladder);
    struct fl_rung rung = fl_ladder_choose(&ladder, C1, 16384);
    EXPECT_INT(rung.encoding.enc, FL_ENC_NONE); // a PNG is tried
    EXPECT_INT(rung.encoding.budget, 16384);
}

static void test_quality_falls_before_resolution(void)
{
    struct fl_ladder ladder;
    int32_t quality = 100, shrink = 1;

    fl_ladder_init(&ladder);
    for (uint32_t budget = 1 << 18; budget >= 4096; budget /= 2) {
        struct fl_rung rung = fl_ladder_choose(&ladder, L2, budget);
        EXPECT_INT(rung.encoding.enc, FL_ENC_JPEG);
        EXPECT(rung.shrink > shrink || (rung.shrink == shrink && rung.encoding.quality <= quality));
        quality = rung.encoding.quality;
        shrink = rung.shrink;
    }
    EXPECT_INT(shrink, 4);
}

static void test_what_frames_take_is_learned(void)
{
    struct fl_ladder ladder;
    double bits = 6; // a noisy map: at quality 90

    fl_ladder_init(&ladder);
    for (int i = 0; i < 20; i++) {
        struct fl_rung rung = fl_ladder_choose(&ladder, L1, 36000);
        struct fl_frame frame = frame_of(FL_ENC_JPEG, &rung, 512, 256);
        double factor = rung.shrink == 2 ? 1.4 : rung.encoding.quality == 75 ? 0.58 : 1;
        size_t bytes = (size_t)(frame.w * frame.h * bits * factor / 8);
        fl_ladder_learn(&ladder, &frame, bytes, rung.shrink);
    }
    struct fl_rung rung = fl_ladder_choose(&ladder, L1, 36000);
    EXPECT_INT(rung.shrink, 2); // full resolution takes 57 kB even at quality 75
}

static void test_a_png_that_did_not_fit_is_not_tried_again(void)
{
    struct fl_ladder ladder;

    fl_ladder_init(&ladder);
    struct fl_rung rung = fl_ladder_choose(&ladder, L1, 90000);
    EXPECT_INT(rung.encoding.enc, FL_ENC_NONE);
    struct fl_frame frame = frame_of(FL_ENC_JPEG, &rung, 512, 256);
    fl_ladder_learn(&ladder, &frame, 50000, 1);
    rung = fl_ladder_choose(&ladder, L1, 90000);
    EXPECT_INT(rung.encoding.enc, FL_ENC_JPEG);
    frame.enc = FL_ENC_PNG; // the still of a calmer picture
    for (int i = 0; i < 5; i++)
        fl_ladder_learn(&ladder, &frame, 60000, 1);
    rung = fl_ladder_choose(&ladder, L1, 90000);
    EXPECT_INT(rung.encoding.enc, FL_ENC_NONE);
}

static void test_a_jpeg_of_encoders_in_a_hurry_teaches_nothing_about_pngs(void)
{
    struct fl_ladder ladder;

    fl_ladder_init(&ladder);
    double png = ladder.png;
    struct fl_rung rung = fl_ladder_choose(&ladder, L1, 3670016);
    EXPECT_INT(rung.encoding.enc, FL_ENC_NONE);
    struct fl_frame frame = frame_of(FL_ENC_JPEG, &rung, 512, 256);
    frame.encoding = (struct fl_encoding){FL_ENC_JPEG, 0, 90, 0}; // as they had it
    for (int i = 0; i < 30; i++)
        fl_ladder_learn(&ladder, &frame, 16384, 1);
    EXPECT_NEAR(ladder.png, png, 0);
    EXPECT_NEAR(ladder.jpeg, 1, 1e-6); // bits a pixel at that quality
    rung = fl_ladder_choose(&ladder, L1, 3670016);
    EXPECT_INT(rung.encoding.enc, FL_ENC_NONE);
}

int main(void)
{
    RUN(test_without_a_budget_all_is_exact);
    RUN(test_the_papers_maps_are_exact_on_a_slow_link);
    RUN(test_quality_falls_before_resolution);
    RUN(test_what_frames_take_is_learned);
    RUN(test_a_png_that_did_not_fit_is_not_tried_again);
    RUN(test_a_jpeg_of_encoders_in_a_hurry_teaches_nothing_about_pngs);
    return 0;
}
