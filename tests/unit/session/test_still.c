// Exact pictures at rest, whole and in strips.
#include "spy.h"

static void test_at_rest_a_lossy_frame_becomes_exact(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    rendered(100, FL_ENC_JPEG);
    EXPECT(strcmp(expect(viewer, "frame").enc, "jpeg") == 0);
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(spy.sent[0]->encoding.strip > 0); // exact, in strips where the link is slow
    rendered(200, FL_ENC_PNG);
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "png") == 0);
    EXPECT_INT(heard.seq, 1);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0); // once is enough
    end();
}

// The oldest render comes back as an exact picture of three strips.
static void rendered_in_strips(void)
{
    struct fl_frame *frame = spy.sent[0];

    EXPECT(spy.n_sent > 0);
    memmove(spy.sent, spy.sent + 1, sizeof(struct fl_frame *) * (size_t)--spy.n_sent);
    frame->w = W;
    frame->h = H;
    frame->exact = true;
    frame->enc = FL_ENC_PNG;
    frame->n_strips = 3;
    frame->strips = calloc(3, sizeof *frame->strips);
    for (int i = 0; i < 3; i++) {
        frame->strips[i] = (struct fl_strip){fl_buf_create(10), i, i == 2 ? H : i + 1};
        memset(fl_buf_bytes(frame->strips[i].image), i, 10);
        fl_buf_set_len(frame->strips[i].image, 10);
    }
    fl_session_deliver(spy.session, frame);
}

static struct fl_viewer *resting(void)
{
    struct fl_viewer *viewer = watching();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    hover(viewer, 1, 2.5, 2.5);
    rendered(100, FL_ENC_JPEG);
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    say(viewer, &ack);
    spy.now += 260000;
    fl_session_tick(spy.session);
    rendered_in_strips();
    return viewer;
}

static void test_strips_wait_for_acknowledgements(void)
{
    begin();
    struct fl_viewer *viewer = resting();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    expect(viewer, "frame");
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    expect_silence(viewer); // two are out
    say(viewer, &ack);
    struct heard last = expect(viewer, "frame");
    EXPECT(strcmp(last.enc, "png") == 0);
    EXPECT_INT(last.seq, 1);
    expect_silence(viewer);
    spy.now += 1000000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0); // it is exact now
    end();
}

static void test_a_hover_cancels_the_strips_that_are_left(void)
{
    begin();
    struct fl_viewer *viewer = resting();

    expect(viewer, "frame");
    hover(viewer, 2, 1.5, 0.5);
    expect_silence(viewer); // no more strips
    EXPECT_INT(spy.n_sent, 1);
    rendered(100, FL_ENC_JPEG);
    EXPECT_INT(expect(viewer, "frame").seq, 2);
    end();
}

int main(void)
{
    RUN(test_at_rest_a_lossy_frame_becomes_exact);
    RUN(test_strips_wait_for_acknowledgements);
    RUN(test_a_hover_cancels_the_strips_that_are_left);
    return 0;
}
