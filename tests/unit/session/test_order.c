// Who is rendered when the renderer cannot keep up: in which order, and what of each.
#include "server/session/order.h"
#include "spy.h"

enum { CROWD = 40 };

static struct fl_viewer *crowd[CROWD];
static uint32_t seqs[CROWD], shown[CROWD];

// The k-th viewer's pointer moves; no two viewers' renders are equal.
static void wander(int k)
{
    struct fl_msg msg = {.type = FL_MSG_SET};

    msg.set.seq = ++seqs[k];
    msg.set.set.has = FL_SET_REF | FL_SET_STRETCH;
    msg.set.set.to.refs[0] = (struct fl_point){seqs[k] % W + 0.5, seqs[k] / W % H + 0.5, 1};
    msg.set.set.to.n_refs = 1;
    msg.set.set.to.stretch = (struct fl_stretch){FL_STRETCH_FIXED, -k, k + 1};
    say(crowd[k], &msg);
}

static void be_slow(void)
{
    spy.ahead = 0;
    spy.slow = true;
}

static void gather(int n)
{
    memset(seqs, 0, sizeof seqs);
    memset(shown, 0, sizeof shown);
    for (int k = 0; k < n; k++)
        crowd[k] = watching();
    be_slow();
}

// All that is under way comes back and is written and acknowledged.
static void deliver_all(int n)
{
    struct fl_msg ack = {.type = FL_MSG_ACK};
    struct heard heard;

    while (spy.n_sent > 0)
        rendered(100, FL_ENC_PNG);
    for (int k = 0; k < n; k++) {
        while (hear(crowd[k], &heard)) {
            if (strcmp(heard.type, "frame") != 0)
                continue; // `scenes`, when a map was loaded
            shown[k]++;
            ack.ack.frame = (uint32_t)heard.frame;
            say(crowd[k], &ack);
        }
    }
}

static void test_places_are_kept_and_given_up(void)
{
    struct fl_order order = {0};
    struct fl_turn turns[3] = {{0}};
    uint64_t next[3] = {0}; // three viewers'

    for (int k = 0; k < 3; k++)
        fl_order_join(&order, &turns[k], &next[k]);
    fl_order_join(&order, &turns[0], &next[0]); // keeps its place
    EXPECT_INT(next[0], 1);
    EXPECT_INT(order.n, 3);
    EXPECT(order.first == &turns[0]);
    fl_turn_leave(&turns[1]);
    fl_turn_leave(&turns[1]);
    EXPECT_INT(order.n, 2);
    EXPECT(order.first->after == &turns[2]);
    EXPECT(order.last->before == &turns[0]);
    fl_order_join(&order, &turns[1], &next[1]);
    EXPECT(order.last == &turns[1]);
    for (int k = 0; k < 3; k++)
        fl_turn_leave(&turns[k]);
    EXPECT(!order.first && !order.last);
}

static void test_many_views_of_one_viewer_take_turns_with_another(void)
{
    struct fl_order order = {0};
    struct fl_turn greedy[5] = {{0}}, modest = {0};
    uint64_t next[2] = {0};

    for (int k = 0; k < 5; k++)
        fl_order_join(&order, &greedy[k], &next[0]);
    for (int k = 0; k < 5; k++) { // whenever it asks it is the second at most
        fl_order_join(&order, &modest, &next[1]);
        EXPECT(order.first == &greedy[k] && greedy[k].after == &modest);
        fl_turn_take(&greedy[k]);
        fl_turn_take(&modest);
        fl_order_join(&order, &greedy[k], &next[0]);
        EXPECT(order.last == &greedy[k]);
    }
    for (int k = 0; k < 5; k++) // all five again, alone
        fl_turn_take(order.first);
    fl_order_join(&order, &modest, &next[1]); // who rested has not saved up rounds
    EXPECT_INT(modest.round, order.round);
    fl_turn_leave(&modest);
    EXPECT_INT(order.n, 0);
}

// The first viewer opens a view for every cell, and in each the pointer moves to that cell.
static void spread(void)
{
    struct fl_msg open = {.type = FL_MSG_OPEN}, set = {.type = FL_MSG_SET};

    spy.slow = false;
    strcpy(open.open.map, "map/map");
    for (open.open.view = 1; open.open.view < W * H; open.open.view++) {
        say(crowd[0], &open);
        deliver_all(1);
    }
    be_slow();
    set.set.set.has = FL_SET_REF;
    set.set.set.to.n_refs = 1;
    for (uint32_t k = 0; k < W * H; k++) {
        set.set.view = k;
        set.set.seq = 1;
        uint32_t i = k % W, j = k / W;
        set.set.set.to.refs[0] = (struct fl_point){i + 0.5, j + 0.5, 1};
        say(crowd[0], &set);
    }
}

static void test_one_with_many_views_does_not_stand_before_another(void)
{
    begin();
    gather(2);
    spread();         // more than a pass serves
    spy.now += 60000; // they have stopped, and the other one moves
    wander(1);
    EXPECT_INT(spy.n_sent, 1);
    begun();
    EXPECT_INT(spy.n_sent, 1 + FL_MAX_REFS);
    bool served = false;
    for (int k = 0; k < spy.n_sent; k++)
        served = served || spy.sent[k]->render.stretch.b == 2;
    EXPECT(served);
    end();
}

static void test_a_turn_shows_what_is_newest_then(void)
{
    begin();
    gather(2);
    wander(0); // the renderer is busy with it
    for (int i = 0; i < 3; i++) {
        spy.now += 10000;
        wander(1);
    }
    EXPECT_INT(spy.n_sent, 1);
    spy.now += 5000;
    begun();
    EXPECT_INT(spy.n_sent, 2);
    EXPECT_INT(spy.sent[1]->render.refs[0].i, 3); // the third, not the first
    EXPECT_INT(spy.sent[1]->us_asked, spy.now - 5000);
    end();
}

static void test_no_more_than_one_pass_is_sent_ahead(void)
{
    begin();
    gather(CROWD);
    for (int k = 0; k < CROWD; k++)
        wander(k);
    EXPECT_INT(spy.n_sent, 1);
    begun();
    EXPECT_INT(spy.n_sent, 1 + FL_MAX_REFS);
    begun();
    EXPECT_INT(spy.n_sent, 1 + 2 * FL_MAX_REFS);
    begun();
    EXPECT_INT(spy.n_sent, CROWD);
    end();
}

static void test_nobody_waits_for_longer_than_a_round(void)
{
    int since[CROWD] = {0}; // turns without a frame

    begin();
    gather(CROWD);
    for (int turn = 0; turn < 100; turn++) {
        for (int k = 0; k < CROWD; k++)
            wander((k * 7 + turn) % CROWD); // whoever is first to ask
        memset(shown, 0, sizeof shown);
        begun();
        deliver_all(CROWD);
        int longest = 0;
        for (int k = 0; k < CROWD; k++) {
            since[k] = shown[k] > 0 ? 0 : since[k] + 1;
            longest = since[k] > longest ? since[k] : longest;
        }
        EXPECT(longest < (CROWD + FL_MAX_REFS - 1) / FL_MAX_REFS);
    }
    end();
}

static void test_one_alone_on_a_map_is_not_passed_over(void)
{
    begin();
    gather(CROWD);
    spy.slow = false;
    struct fl_viewer *alone = watching_map("other/other");
    be_slow();
    for (int k = 0; k < CROWD - 1; k++)
        wander(k);
    hover(alone, 1, 1.5, 1.5);
    uint32_t turns = 0;
    while (shown[CROWD - 1] == 0) {
        EXPECT(++turns <= 4); // 1, 16, 16 and 6 of the crowd's stand before it
        begun();
        deliver_all(CROWD - 1);
        for (int k = 0; k < CROWD - 1; k++)
            wander(k);
        struct heard heard;
        shown[CROWD - 1] = hear(alone, &heard);
    }
    end();
}

static void test_one_pass_is_of_one_map(void)
{
    begin();
    gather(4);
    spy.slow = false;
    struct fl_viewer *alone = watching_map("other/other");
    be_slow();
    wander(0);
    wander(1);
    hover(alone, 1, 1.5, 1.5);
    wander(2);
    wander(3);
    begun();
    EXPECT_INT(spy.n_sent, 4); // those of the first's map
    begun();
    EXPECT_INT(spy.n_sent, 5);
    EXPECT(strcmp(fl_map_facts(spy.sent[4]->map)->name, "other") == 0);
    end();
}

static void test_who_has_stopped_comes_first(void)
{
    begin();
    gather(CROWD);
    for (int k = 0; k < CROWD; k++)
        wander(k); // the last of them for the last time
    spy.now += 60000;
    for (int k = 1; k < CROWD - 1; k++)
        wander(k);
    begun();
    EXPECT_INT(spy.n_sent, 1 + FL_MAX_REFS);
    EXPECT(spy.sent[1]->render.stretch.b == CROWD);
    EXPECT(spy.sent[2]->render.stretch.b == 2);
    end();
}

static void test_who_moves_is_not_passed_over_for_ever(void)
{
    begin();
    gather(CROWD);
    wander(0);
    wander(1);
    for (int turn = 0; turn < 6; turn++) { // the others stop, time and again
        for (int k = 2; k < CROWD; k++)
            wander(k);
        spy.now += 60000;
        wander(1);
        begun();
        deliver_all(CROWD);
    }
    EXPECT_INT(shown[1], 1);
    end();
}

static void test_equal_renders_wait_as_one(void)
{
    begin();
    gather(CROWD);
    wander(0);
    for (int k = 1; k < CROWD; k++)
        hover(crowd[k], 1, 2.5, 2.5);
    begun();
    EXPECT_INT(spy.n_sent, 2);
    deliver_all(CROWD);
    for (int k = 0; k < CROWD; k++)
        EXPECT_INT(shown[k], 1);
    end();
}

static void test_who_waits_may_leave_close_or_pause(void)
{
    begin();
    gather(5);
    struct fl_msg close = {.type = FL_MSG_CLOSE}, pause = {.type = FL_MSG_PAUSE},
                  resume = {.type = FL_MSG_RESUME}, open = {.type = FL_MSG_OPEN};

    for (int k = 0; k < 5; k++)
        wander(k);
    fl_session_leave(spy.session, crowd[1]);
    say(crowd[2], &close);
    say(crowd[3], &pause);
    strcpy(open.open.map, "map/map");
    say(crowd[4], &open); // begins anew
    expect(crowd[4], "opened");
    begun();
    EXPECT_INT(spy.n_sent, 2);
    begun();
    say(crowd[3], &resume);
    EXPECT_INT(spy.n_sent, 3);
    end();
}

static void test_a_hover_calls_off_a_still_that_waits(void)
{
    begin();
    gather(2);
    wander(0);
    rendered(100, FL_ENC_JPEG);
    expect(crowd[0], "frame");
    begun();
    wander(1); // keeps the renderer busy
    spy.now += 260000;
    fl_session_tick(spy.session); // the still of 0 waits
    wander(0);
    begun();
    EXPECT_INT(spy.n_sent, 2);
    EXPECT_INT(spy.sent[1]->encoding.strip, 0); // a moving picture
    end();
}

int main(void)
{
    RUN(test_places_are_kept_and_given_up);
    RUN(test_many_views_of_one_viewer_take_turns_with_another);
    RUN(test_one_with_many_views_does_not_stand_before_another);
    RUN(test_a_turn_shows_what_is_newest_then);
    RUN(test_no_more_than_one_pass_is_sent_ahead);
    RUN(test_nobody_waits_for_longer_than_a_round);
    RUN(test_one_alone_on_a_map_is_not_passed_over);
    RUN(test_one_pass_is_of_one_map);
    RUN(test_who_has_stopped_comes_first);
    RUN(test_who_moves_is_not_passed_over_for_ever);
    RUN(test_equal_renders_wait_as_one);
    RUN(test_who_waits_may_leave_close_or_pause);
    RUN(test_a_hover_calls_off_a_still_that_waits);
    return 0;
}
