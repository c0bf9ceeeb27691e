// Who is rendered when, and what goes out.
#include "spy.h"

static void test_a_view_shows_its_first_frame_by_itself(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    expect_silence(viewer);
    end();
}

static void test_a_hundred_hovers_cost_two_renders(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    for (uint32_t i = 1; i <= 100; i++)
        hover(viewer, i, i % W + 0.5, i % H + 0.5);
    EXPECT_INT(spy.renders, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(spy.renders, 1); // the next one starts when this one is written
    EXPECT_INT(expect(viewer, "frame").seq, 1);
    EXPECT_INT(spy.renders, 2);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 100);
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 2);
    end();
}

static void test_frames_wait_for_acknowledgements(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    for (uint32_t i = 1; i <= 2; i++) {
        hover(viewer, i, i % W + 0.5, 0.5);
        rendered(100, FL_ENC_PNG);
        ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    }
    hover(viewer, 3, 3.5, 0.5);
    EXPECT_INT(spy.n_sent, 0); // two are out
    say(viewer, &ack);         // acknowledges both
    EXPECT_INT(spy.n_sent, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 3);
    end();
}

static void test_a_hover_within_a_cell_costs_nothing(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 1.2, 1.2);
    rendered(100, FL_ENC_PNG);
    expect(viewer, "frame");
    hover(viewer, 2, 1.8, 1.9);
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "same") == 0);
    EXPECT_INT(heard.seq, 2);
    EXPECT(heard.has_cell);
    EXPECT_INT(spy.renders, 1);
    end();
}

static void test_a_reference_outside_keeps_the_frame(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, -3, 1);
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "same") == 0);
    EXPECT(!heard.has_cell);
    EXPECT_INT(spy.renders, 0);
    end();
}

static void test_equal_renders_are_one(void)
{
    begin();
    struct fl_viewer *a = watching(), *b = watching();

    hover(a, 1, 2.5, 2.5);
    hover(b, 7, 2.6, 2.4); // the same cell
    EXPECT_INT(spy.renders, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(a, "frame").seq, 1);
    EXPECT_INT(expect(b, "frame").seq, 7);
    end();
}

static void test_on_a_slow_link_moving_pictures_shrink(void)
{
    begin();
    start_session(1);
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    EXPECT_INT(spy.sent[0]->render.w, 2); // a quarter of 6, rounded up
    EXPECT_INT(spy.sent[0]->render.h, 1);
    EXPECT_INT(spy.sent[0]->encoding.enc, FL_ENC_JPEG);
    end();
}

static void test_a_failed_render_is_said_and_the_next_one_works(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    fl_fail(&spy.sent[0]->error, FL_ERR_GPU, "The GPU failed.");
    rendered(100, FL_ENC_NONE);
    struct heard heard = expect(viewer, "error");
    EXPECT_INT(heard.code, FL_ERR_GPU);
    EXPECT_INT(heard.seq, 1);
    hover(viewer, 2, 1.5, 0.5);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 2);
    end();
}

static void test_a_paused_view_is_not_rendered(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg pause = {.type = FL_MSG_PAUSE}, resume = {.type = FL_MSG_RESUME};

    say(viewer, &pause);
    hover(viewer, 1, 2.5, 2.5);
    EXPECT_INT(spy.renders, 0);
    say(viewer, &resume);
    EXPECT_INT(spy.renders, 1);
    end();
}

int main(void)
{
    RUN(test_a_view_shows_its_first_frame_by_itself);
    RUN(test_a_hundred_hovers_cost_two_renders);
    RUN(test_frames_wait_for_acknowledgements);
    RUN(test_a_hover_within_a_cell_costs_nothing);
    RUN(test_a_reference_outside_keeps_the_frame);
    RUN(test_equal_renders_are_one);
    RUN(test_on_a_slow_link_moving_pictures_shrink);
    RUN(test_a_failed_render_is_said_and_the_next_one_works);
    RUN(test_a_paused_view_is_not_rendered);
    return 0;
}
