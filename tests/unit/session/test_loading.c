#include "spy.h"

#include "server/data/map_inner.h"
#include "server/session/viewer.h"

// How much of a map is loaded is told to those who wait for it.

static struct fl_viewer *waiting(void)
{
    struct fl_viewer *viewer = greeted();
    struct fl_msg open = {.type = FL_MSG_OPEN};

    strcpy(open.open.map, "map/map");
    say(viewer, &open);
    return viewer;
}

static void tick_after(uint64_t us)
{
    spy.now += us;
    fl_session_tick(spy.session);
}

// The loader got so far.
static void get_on(enum fl_norms norms, float done)
{
    atomic_store(&spy.loading->norms[norms].done, done);
}

static struct heard expect_loading(struct fl_viewer *viewer, const char *map, double done)
{
    struct heard heard = expect(viewer, "loading");

    EXPECT(strcmp(heard.map, map) == 0);
    EXPECT(heard.done > done - 1e-6 && heard.done < done + 1e-6);
    return heard;
}

static void test_a_load_that_takes_long_is_told_about_five_times_a_second(void)
{
    begin();
    struct fl_viewer *viewer = waiting(), *other = greeted();

    get_on(FL_NORMS_ZERO, 0.25F);
    tick_after(150000);
    expect_silence(viewer); // not if it comes soon
    tick_after(50000);
    expect_loading(viewer, "map/map", 0.25);
    get_on(FL_NORMS_ZERO, 0.5F);
    for (int k = 0; k < 3; k++) {
        tick_after(50000);
        expect_silence(viewer);
    }
    tick_after(50000);
    expect_loading(viewer, "map/map", 0.5);
    get_on(FL_NORMS_ZERO, 0.375F); // told out of order by those who work on it
    tick_after(200000);
    expect_loading(viewer, "map/map", 0.5);
    loaded();
    expect(viewer, "scenes");
    expect(viewer, "opened");
    tick_after(200000);
    expect_silence(viewer);
    expect(other, "scenes"); // and nobody else heard of it
    expect_silence(other);
    end();
}

static void test_a_load_that_waits_for_another_is_told_too(void)
{
    begin();
    struct fl_viewer *viewer = waiting();

    tick_after(200000);
    expect_loading(viewer, "map/map", 0);
    end();
}

static void test_who_comes_later_hears_of_the_load_under_way(void)
{
    begin();
    struct fl_viewer *first = waiting();

    get_on(FL_NORMS_ZERO, 0.75F);
    tick_after(300000);
    expect_loading(first, "map/map", 0.75);
    struct fl_viewer *second = waiting();
    tick_after(50000);
    expect_silence(first);
    expect_loading(second, "map/map", 0.75);
    end();
}

static void test_nothing_is_told_to_a_hidden_page_or_behind_what_waits(void)
{
    begin();
    struct fl_viewer *viewer = waiting();

    say(viewer, &(struct fl_msg){.type = FL_MSG_PAUSE});
    tick_after(200000);
    expect_silence(viewer);
    say(viewer, &(struct fl_msg){.type = FL_MSG_RESUME});
    for (int k = 0; k < 1000; k++) // its socket takes nothing: it is not closed for that
        tick_after(200000);
    expect_loading(viewer, "map/map", 0);
    expect_silence(viewer);
    end();
}

static void test_other_norms_and_the_map_of_the_reference_are_told(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg msg = {.type = FL_MSG_SET};

    msg.set.seq = 1;
    msg.set.set.has = FL_SET_ORIGIN;
    msg.set.set.to.origin = FL_ORIGIN_MIN;
    say(viewer, &msg);
    EXPECT_INT(spy.norms, FL_NORMS_MIN);
    get_on(FL_NORMS_MIN, 0.5F);
    tick_after(200000);
    expect_loading(viewer, "map/map", 0.5);
    loaded();
    expect_silence(viewer);
    rendered(100, FL_ENC_PNG);
    expect(viewer, "frame");
    tick_after(200000);
    expect_silence(viewer);

    msg.set.seq = 2;
    msg.set.set.has = FL_SET_ORIGIN | FL_SET_FROM;
    msg.set.set.to.origin = FL_ORIGIN_ZERO;
    strcpy(msg.set.set.to.from, "other/other");
    say(viewer, &msg);
    get_on(FL_NORMS_ZERO, 0.125F);
    tick_after(200000);
    expect_loading(viewer, "other/other", 0.125);
    end();
}

int main(void)
{
    RUN(test_a_load_that_takes_long_is_told_about_five_times_a_second);
    RUN(test_a_load_that_waits_for_another_is_told_too);
    RUN(test_who_comes_later_hears_of_the_load_under_way);
    RUN(test_nothing_is_told_to_a_hidden_page_or_behind_what_waits);
    RUN(test_other_norms_and_the_map_of_the_reference_are_told);
}
