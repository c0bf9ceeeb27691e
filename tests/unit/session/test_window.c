// The window of frames under way, fed with acknowledgements of links that we know.
#include "server/session/window.h"
#include "test.h"

// A link: every frame takes bytes / rate after the one before, and half the latency each way.
static void play(struct fl_window *window, double rate, uint64_t latency, size_t bytes, int frames)
{
    struct {
        uint64_t sent, arrives;
    } out[8] = {0};
    uint64_t now = 1000000, free_at = now;
    int n = 0;

    for (int i = 0; i < frames; i++) {
        while (fl_window_has_room(window, (unsigned)n)) {
            fl_window_sent(window, bytes, now);
            free_at = (free_at > now ? free_at : now) + (uint64_t)((double)bytes * 1e6 / rate);
            out[n].sent = now;
            out[n++].arrives = free_at + latency;
        }
        window->blocked = true;
        now = out[0].arrives;
        fl_window_acked(window, bytes, out[0].sent, 0, now);
        for (int k = 1; k < n; k++)
            out[k - 1] = out[k];
        n--;
    }
}

static void test_it_starts_with_two_frames(void)
{
    struct fl_window window;

    fl_window_init(&window);
    EXPECT(fl_window_has_room(&window, 0));
    EXPECT(fl_window_has_room(&window, 1));
    EXPECT(!fl_window_has_room(&window, 2));
}

static void test_a_long_fat_link_widens_it(void)
{
    struct fl_window window;

    fl_window_init(&window);
    play(&window, 6.25e6, 200000, 60000, 400); // 50 Mbit/s, 200 ms: 10 ms of every 210 are sending
    EXPECT(window.width > 6);
    EXPECT(window.width <= 8);
}

static void test_a_slow_link_keeps_it_small(void)
{
    struct fl_window window;

    fl_window_init(&window);
    play(&window, 625e3, 10000, 60000, 400); // 5 Mbit/s, 10 ms: every frame queues behind the last
    EXPECT(window.width < 3);
    EXPECT(window.width >= 1);
}

static void test_the_rate_of_a_slow_link_is_found(void)
{
    struct fl_window window;

    fl_window_init(&window);
    play(&window, 625e3, 20000, 3000, 20); // small frames show the round trip
    play(&window, 625e3, 20000, 12000, 200);
    EXPECT_NEAR(window.rate, 625e3, 60e3);
    EXPECT(fl_window_budget(&window, 1) <= 32768);
    EXPECT(fl_window_budget(&window, 1) >= 16384);
    EXPECT(fl_window_budget(&window, 4) <= 8192); // shared by four views
}

static void test_a_fast_link_has_no_budget(void)
{
    struct fl_window window;

    fl_window_init(&window);
    EXPECT_INT(fl_window_budget(&window, 1), 16384); // nothing known yet
    play(&window, 1e9, 200, 78000, 100);
    EXPECT_INT(fl_window_budget(&window, 1), 0);
}

static void test_frames_lost_are_out_no_more(void)
{
    struct fl_window window;

    fl_window_init(&window);
    fl_window_sent(&window, 100, 5);
    fl_window_lost(&window, 100);
    fl_window_lost(&window, 100); // once too often does no harm
    EXPECT_INT(window.frames_out, 0);
    EXPECT_INT(window.bytes_out, 0);
}

int main(void)
{
    RUN(test_it_starts_with_two_frames);
    RUN(test_a_long_fat_link_widens_it);
    RUN(test_a_slow_link_keeps_it_small);
    RUN(test_the_rate_of_a_slow_link_is_found);
    RUN(test_a_fast_link_has_no_budget);
    RUN(test_frames_lost_are_out_no_more);
    return 0;
}
