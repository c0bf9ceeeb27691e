// Connections: how they begin, what they may say, how they end.
#include "spy.h"

static void test_bad_sets_change_nothing(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg msg = {.type = FL_MSG_SET};

    msg.set.seq = 4;
    msg.set.set.has = FL_SET_MODE | FL_SET_CHANNEL;
    msg.set.set.to.mode = FL_MODE_CHANNEL;
    msg.set.set.to.channel = D; // one too many
    say(viewer, &msg);
    struct heard heard = expect(viewer, "error");
    EXPECT_INT(heard.code, FL_ERR_RANGE);
    EXPECT_INT(heard.seq, 4);
    EXPECT_INT(spy.renders, 0);
    msg.set.view = 9;
    say(viewer, &msg);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_NOT_FOUND);
    hover(viewer, 4, 1.5, 1.5); // the refused 4 was not taken
    EXPECT_INT(spy.renders, 1);
    hover(viewer, 4, 2.5, 1.5);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_RANGE);
    end();
}

static void test_hello_comes_first_and_once(void)
{
    begin();
    struct fl_viewer *viewer = joined();
    struct heard heard;

    hover(viewer, 1, 1, 1);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_ORDER);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4400);

    viewer = greeted();
    struct fl_msg hello = {.type = FL_MSG_HELLO};
    hello.hello.v = 1;
    say(viewer, &hello);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_ORDER);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4400);
    end();
}

static void test_malformed_bytes_end_the_connection(void)
{
    begin();
    struct fl_viewer *viewer = greeted();
    struct heard heard;

    fl_session_receive(spy.session, viewer, "\xc1", 1);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_MALFORMED);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4400);
    end();
}

static void test_a_stalled_viewer_is_hung_up(void)
{
    begin();
    struct fl_viewer *viewer = watching(), *paused = watching(), *silent = NULL;
    struct fl_msg pause = {.type = FL_MSG_PAUSE};
    struct heard heard;

    silent = joined();
    hover(viewer, 1, 2.5, 2.5);
    hover(paused, 1, 2.5, 2.5);
    rendered(100, FL_ENC_PNG);
    expect(viewer, "frame");
    expect(paused, "frame");
    say(paused, &pause);
    spy.now += 15100000;
    fl_session_tick(spy.session);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4408);
    EXPECT(hear(silent, &heard));
    EXPECT_INT(heard.close, 4408); // no hello
    expect_silence(paused);
    end();
}

static void test_a_flood_is_cut_off(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct heard heard = {0};

    for (uint32_t i = 1; i < 6000; i++)
        hover(viewer, i, 1.5, 1.5);
    while (!heard.close)
        EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4429);
    end();
}

static void test_who_leaves_is_not_delivered_to(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    fl_session_leave(spy.session, viewer);
    rendered(100, FL_ENC_PNG); // must not touch the viewer
    EXPECT_INT(fl_session_counts(spy.session).viewers, 0);
    end();
}

int main(void)
{
    RUN(test_bad_sets_change_nothing);
    RUN(test_hello_comes_first_and_once);
    RUN(test_malformed_bytes_end_the_connection);
    RUN(test_a_stalled_viewer_is_hung_up);
    RUN(test_a_flood_is_cut_off);
    RUN(test_who_leaves_is_not_delivered_to);
    return 0;
}
