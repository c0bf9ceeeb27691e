// Views whose frames lost something because the server was behind: exact again at rest.
#include "spy.h"

static void acknowledge(struct fl_viewer *viewer, const struct heard *heard)
{
    struct fl_msg ack = {.type = FL_MSG_ACK};

    ack.ack.frame = (uint32_t)heard->frame;
    say(viewer, &ack);
}

// The oldest render comes back as encoders that are behind make it.
static void rendered_in_a_hurry(void)
{
    spy.sent[0]->encoding = (struct fl_encoding){FL_ENC_JPEG, 0, 90, 0};
    rendered(100, FL_ENC_JPEG);
}

// A pointer that has moved twice; the second render is on its way.
static struct fl_viewer *moving(void)
{
    struct fl_viewer *viewer = watching();

    spy.now += 1000000;
    hover(viewer, 1, 2.5, 2.5);
    EXPECT(!spy.sent[0]->moving); // after a rest: its person may have come to stay
    rendered(100, FL_ENC_PNG);
    struct heard first = expect(viewer, "frame");
    acknowledge(viewer, &first);
    spy.now += 100000;
    hover(viewer, 2, 4.5, 2.5);
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(spy.sent[0]->moving);
    EXPECT_INT(spy.sent[0]->encoding.enc, FL_ENC_NONE); // as exact as the link allows
    return viewer;
}

static void test_a_hurried_frame_is_not_exact_and_becomes_so_at_rest(void)
{
    begin();
    struct fl_viewer *viewer = moving();

    rendered_in_a_hurry();
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "jpeg") == 0);
    EXPECT(!heard.exact);
    acknowledge(viewer, &heard);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(spy.sent[0]->encoding.strip > 0);
    EXPECT(!spy.sent[0]->moving); // so nobody hurries it
    rendered(200, FL_ENC_PNG);
    heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "png") == 0);
    EXPECT(heard.exact);
    EXPECT_INT(heard.seq, 2);
    acknowledge(viewer, &heard);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0); // once is enough
    end();
}

static void test_a_frame_that_was_not_hurried_needs_no_still(void)
{
    begin();
    struct fl_viewer *viewer = moving();

    rendered(100, FL_ENC_PNG);
    struct heard heard = expect(viewer, "frame");
    EXPECT(heard.exact);
    acknowledge(viewer, &heard);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0);
    end();
}

static void test_same_is_said_of_a_hurried_frame_and_its_still_comes_all_the_same(void)
{
    begin();
    struct fl_viewer *viewer = moving();

    rendered_in_a_hurry();
    struct heard heard = expect(viewer, "frame");
    acknowledge(viewer, &heard);
    spy.now += 100000;
    hover(viewer, 3, 4.6, 2.6); // the same cell
    heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "same") == 0);
    EXPECT(!heard.exact);
    acknowledge(viewer, &heard);
    EXPECT_INT(spy.n_sent, 0);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 1);
    rendered(200, FL_ENC_PNG);
    heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "png") == 0);
    EXPECT_INT(heard.seq, 3);
    end();
}

static void test_who_joins_a_hurried_render_gets_its_still_too(void)
{
    begin();
    struct fl_viewer *guest = watching(), *viewer = moving();

    hover(guest, 1, 4.5, 2.5); // its first move after a rest
    EXPECT_INT(spy.n_sent, 1); // equal renders are one
    rendered_in_a_hurry();
    struct heard ours = expect(viewer, "frame"), theirs = expect(guest, "frame");
    EXPECT(strcmp(theirs.enc, "jpeg") == 0);
    acknowledge(viewer, &ours);
    acknowledge(guest, &theirs);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 1); // one still for both
    rendered(200, FL_ENC_PNG);
    EXPECT(expect(viewer, "frame").exact);
    EXPECT(expect(guest, "frame").exact);
    end();
}

static void test_the_next_frame_is_tried_exactly_again(void)
{
    begin();
    struct fl_viewer *viewer = moving();

    for (uint32_t seq = 3; seq < 10; seq++) {
        rendered_in_a_hurry();
        struct heard heard = expect(viewer, "frame");
        acknowledge(viewer, &heard);
        spy.now += 100000;
        hover(viewer, seq, seq % W + 0.5, 0.5);
        EXPECT_INT(spy.n_sent, 1);
        EXPECT_INT(spy.sent[0]->encoding.enc, FL_ENC_NONE);
        EXPECT_INT(spy.sent[0]->render.w, W);
    }
    end();
}

static void test_a_render_that_waited_long_is_not_in_motion(void)
{
    begin();
    struct fl_viewer *viewer = moving();

    hover(viewer, 3, 1.5, 1.5); // waits for the one on its way
    spy.now += 260000;
    rendered(100, FL_ENC_PNG);
    expect(viewer, "frame");
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(!spy.sent[0]->moving); // no newer state came: what is shown next will stay
    end();
}

static void answered(void *user, const struct fl_frame *frame)
{
    (void)frame;
    *(bool *)user = true;
}

static void test_an_export_is_never_in_motion(void)
{
    begin();
    moving();
    rendered(100, FL_ENC_PNG);
    const struct fl_scene *scene = fl_catalogue_find(spy.catalogue, "map");
    struct fl_shot shot = {.scene = scene, .map = scene->maps[0], .output = FL_OUT_COLOUR};
    struct fl_error error = {0};
    bool done = false;

    shot.encoding = (struct fl_encoding){FL_ENC_PNG, 0, 0, 0};
    EXPECT(fl_session_shoot(spy.session, &shot, answered, &done, &error) != 0);
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(!spy.sent[0]->moving);
    rendered(100, FL_ENC_PNG);
    EXPECT(done);
    end();
}

enum { PASS = 16 };

// One render is under way, `n` more views wait for the renderer, each with a cell of its own; then
// it has room again.
static void gather(uint32_t n)
{
    const uint32_t centre = H / 2 * W + W / 2; // is shown already
    struct fl_viewer *viewers[PASS + 2];

    for (uint32_t i = 0; i <= n; i++)
        viewers[i] = watching();
    spy.slow = true;
    spy.ahead = 0;
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t cell = i < centre ? i : i + 1, row = cell / W;
        hover(viewers[i], 1, cell % W + 0.5, row + 0.5);
    }
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(!spy.sent[0]->crowded); // nobody waited yet
    begun();
}

static void test_as_many_as_a_pass_serves_are_no_crowd(void)
{
    begin();
    struct fl_viewer *late = watching();
    gather(PASS);
    EXPECT_INT(spy.n_sent, 1 + PASS);
    for (int i = 1; i < spy.n_sent; i++)
        EXPECT(!spy.sent[i]->crowded);
    hover(late, 1, 5.5, 3.5);
    begun();
    EXPECT_INT(spy.n_sent, 2 + PASS);
    EXPECT(!spy.sent[1 + PASS]->crowded); // nobody waited any more when the pass was full
    end();
}

static void test_more_than_a_pass_serves_are_one(void)
{
    begin();
    struct fl_viewer *late = watching();
    gather(PASS + 1);
    EXPECT_INT(spy.n_sent, 1 + PASS);
    begun();
    EXPECT_INT(spy.n_sent, 2 + PASS);
    EXPECT(spy.sent[1 + PASS]->crowded); // was left over by a full pass
    hover(late, 1, 5.5, 3.5);
    begun();
    EXPECT_INT(spy.n_sent, 3 + PASS);
    EXPECT(!spy.sent[2 + PASS]->crowded); // the pass before had room
    end();
}

static void test_any_number_of_one_view_are_no_crowd(void)
{
    enum { CLASS = 5 * PASS };
    struct fl_viewer *viewers[CLASS];

    begin();
    for (uint32_t i = 0; i < CLASS; i++)
        viewers[i] = watching();
    spy.slow = true;
    for (uint32_t seq = 1; seq < 4; seq++) {
        spy.ahead = 1; // the renderer is busy while all of them ask
        for (uint32_t i = 0; i < CLASS; i++)
            hover(viewers[i], seq, seq + 0.5, 0.5);
        begun();
        EXPECT_INT(spy.n_sent, 1);
        EXPECT(!spy.sent[0]->crowded);
        rendered(100, FL_ENC_PNG);
        for (uint32_t i = 0; i < CLASS; i++) {
            struct heard heard = expect(viewers[i], "frame");
            acknowledge(viewers[i], &heard);
        }
    }
    end();
}

int main(void)
{
    RUN(test_a_hurried_frame_is_not_exact_and_becomes_so_at_rest);
    RUN(test_a_frame_that_was_not_hurried_needs_no_still);
    RUN(test_same_is_said_of_a_hurried_frame_and_its_still_comes_all_the_same);
    RUN(test_who_joins_a_hurried_render_gets_its_still_too);
    RUN(test_the_next_frame_is_tried_exactly_again);
    RUN(test_a_render_that_waited_long_is_not_in_motion);
    RUN(test_an_export_is_never_in_motion);
    RUN(test_as_many_as_a_pass_serves_are_no_crowd);
    RUN(test_more_than_a_pass_serves_are_one);
    RUN(test_any_number_of_one_view_are_no_crowd);
    return 0;
}
