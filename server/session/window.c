#include "window.h"

static const uint64_t FRESH = 10000000; // a shortest round trip counts for 10 s
static const double NOISE = 2000;       // differences below this say nothing of the link

void fl_window_init(struct fl_window *window)
{
    *window = (struct fl_window){.width = 2};
}

bool fl_window_has_room(const struct fl_window *window, unsigned frames_out)
{
    return frames_out < (unsigned)(window->width + 0.5);
}

void fl_window_sent(struct fl_window *window, size_t bytes, uint64_t now)
{
    if (window->frames_out == 0)
        window->heard_at = now;
    window->frames_out++;
    window->bytes_out += bytes;
}

void fl_window_lost(struct fl_window *window, size_t bytes)
{
    if (window->frames_out > 0)
        window->frames_out--;
    window->bytes_out -= bytes < window->bytes_out ? bytes : window->bytes_out;
}

static void adapt_width(struct fl_window *window, uint64_t rtt)
{
    double w = window->width;
    double queued = w * (double)(rtt - window->min_rtt) / (double)rtt;

    if (queued < 0.3 && window->blocked)
        w += 1 / w;
    else if (queued > 0.7)
        w -= 1 / w;
    window->width = w < 1 ? 1 : w > 8 ? 8 : w;
    window->blocked = false;
}

static void adapt_rate(struct fl_window *window, size_t bytes, uint64_t sent, uint64_t arrived)
{
    double latency = (double)window->min_rtt;

    if (window->rate > 0) // the shortest round trip holds a frame's bytes too
        latency -= (double)window->min_bytes * 1e6 / window->rate;
    double from = (double)sent + (latency > 0 ? latency : 0);
    if (from < (double)window->arrived_at)
        from = (double)window->arrived_at;
    double took = (double)arrived - from;
    if (took < NOISE) { // the link is at least so fast
        double least = (double)bytes * 1e6 / NOISE;
        window->rate = window->rate < least ? least : window->rate;
        return;
    }
    double sample = (double)bytes * 1e6 / took;
    // Bad news counts at once: frames that are too large queue up behind each other.
    double weight = sample < window->rate ? 0.5 : 0.25;
    window->rate = window->rate > 0 ? (1 - weight) * window->rate + weight * sample : sample;
}

void fl_window_acked(struct fl_window *window, size_t bytes, uint64_t sent, uint64_t decode,
                     uint64_t now)
{
    uint64_t rtt = now > sent ? now - sent : 1;

    rtt -= decode < rtt ? decode : rtt - 1;
    uint64_t arrived = sent + rtt;
    fl_window_lost(window, bytes); // no longer out
    window->heard_at = now;
    if (window->min_rtt == 0 || rtt <= window->min_rtt || now - window->min_rtt_at > FRESH) {
        window->min_rtt = rtt;
        window->min_bytes = bytes;
        window->min_rtt_at = now;
    }
    adapt_width(window, rtt);
    if (bytes >= 1024) // smaller ones are all latency
        adapt_rate(window, bytes, sent, arrived);
    window->arrived_at = arrived;
}

uint32_t fl_window_budget(const struct fl_window *window, unsigned views)
{
    double bytes = window->rate * 0.05 / (views > 0 ? views : 1);
    uint32_t budget = 4096;

    if (window->rate <= 0)
        return 16384; // a modest guess before the first acknowledgement
    if (bytes >= 1 << 20)
        return 0;
    while (budget * 2 <= bytes)
        budget *= 2;
    return budget;
}
