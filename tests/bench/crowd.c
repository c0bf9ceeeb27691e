#include "crowd.h"

#include "pack.h"
#include "server/base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_SAMPLES = 1 << 20, RING = 1024 };

static const uint64_t PATIENCE = 20000000, LATE = 1500000; // microseconds

static void send_pack(struct viewer *viewer, const struct pack *pack)
{
    link_send(&viewer->link, pack->bytes, pack->len);
}

static void send_hello(struct viewer *viewer)
{
    struct pack pack = {.len = 0};

    pack_map(&pack, 2);
    pack_str(&pack, "t");
    pack_str(&pack, "hello");
    pack_str(&pack, "v");
    pack_uint(&pack, 1);
    send_pack(viewer, &pack);
}

static void send_open(struct viewer *viewer)
{
    struct pack pack = {.len = 0};

    pack_map(&pack, 3);
    pack_str(&pack, "t");
    pack_str(&pack, "open");
    pack_str(&pack, "view");
    pack_uint(&pack, 0);
    pack_str(&pack, "map");
    pack_str(&pack, viewer->crowd->walk->map);
    send_pack(viewer, &pack);
}

static void send_ack(struct viewer *viewer, uint32_t frame)
{
    struct pack pack = {.len = 0};

    pack_map(&pack, 3);
    pack_str(&pack, "t");
    pack_str(&pack, "ack");
    pack_str(&pack, "frame");
    pack_uint(&pack, frame);
    pack_str(&pack, "us");
    pack_uint(&pack, 0);
    send_pack(viewer, &pack);
}

// A curve over the map, some cells a hover, that each viewer enters elsewhere.
static void send_hover(struct viewer *viewer, uint64_t now)
{
    const struct walk *walk = viewer->crowd->walk;
    double turn = viewer->seq * 0.07, phase = walk->together ? 0 : viewer->number * 0.61;
    struct pack pack = {.len = 0};

    viewer->seq++;
    viewer->sent_at[viewer->seq % RING] = now;
    pack_map(&pack, 4);
    pack_str(&pack, "t");
    pack_str(&pack, "set");
    pack_str(&pack, "view");
    pack_uint(&pack, 0);
    pack_str(&pack, "seq");
    pack_uint(&pack, viewer->seq);
    pack_str(&pack, "ref");
    pack_array(&pack, 2);
    pack_double(&pack, walk->w * (0.5 + 0.45 * sin(turn + phase)));
    pack_double(&pack, walk->h * (0.5 + 0.45 * sin(1.37 * turn + 2.1 * phase)));
    send_pack(viewer, &pack);
    viewer->crowd->hovers += viewer->crowd->counts;
}

static void count_frame(struct viewer *viewer, const struct heard *heard, size_t len)
{
    struct crowd *crowd = viewer->crowd;
    uint64_t now = fl_now_us();

    crowd->frames++;
    crowd->same += strcmp(heard->enc, "same") == 0;
    crowd->bytes += len;
    for (uint32_t seq = viewer->shown + 1; seq <= heard->seq && seq <= viewer->seq; seq++) {
        crowd->seen++;
        // When all stop at once, their last pictures queue up as they never do while people move.
        if (crowd->n_samples < MOST_SAMPLES && now < crowd->ends)
            crowd->samples[crowd->n_samples++] = (struct sample){
                .us = (uint32_t)(now - viewer->sent_at[seq % RING]),
                .render = heard->us_render,
                .at = heard->us_all,
                .own = seq == heard->seq,
            };
    }
}

static void hear(void *user, const uint8_t *bytes, size_t len)
{
    struct viewer *viewer = user;
    struct heard heard;

    if (!unpack_message(bytes, len, &heard))
        return;
    if (strcmp(heard.type, "welcome") == 0)
        send_open(viewer);
    if (strcmp(heard.type, "frame") != 0)
        return;
    send_ack(viewer, heard.frame);
    viewer->ready = true;
    if (heard.seq <= viewer->shown)
        return; // the first picture, or the exact one of a view at rest
    if (viewer->crowd->counts)
        count_frame(viewer, &heard, len);
    viewer->shown = heard.seq;
    if (viewer->crowd->walk->ask_after)
        viewer->next_at = 0;
}

static void watch(struct viewer *viewer)
{
    struct epoll_event event = {.data.ptr = viewer};

    event.events = EPOLLIN | (viewer->link.n_out > 0 ? (uint32_t)EPOLLOUT : 0);
    if (viewer->link.fd >= 0)
        epoll_ctl(viewer->crowd->epoll, EPOLL_CTL_MOD, viewer->link.fd, &event);
}

// Reads and answers what has come, for at most so long.
static void attend(struct crowd *crowd, uint64_t most)
{
    struct epoll_event events[64];
    struct timespec wait = {(time_t)(most / 1000000), (long)(most % 1000000) * 1000};
    int n = epoll_pwait2(crowd->epoll, events, 64, &wait, NULL);

    for (int i = 0; i < n; i++) {
        struct viewer *viewer = events[i].data.ptr;
        bool blocked = viewer->link.n_out > 0;
        link_flush(&viewer->link);
        link_read(&viewer->link);
        if (viewer->link.upgraded && !viewer->asked) {
            viewer->asked = true;
            send_hello(viewer);
        }
        if (blocked || viewer->link.n_out > 0)
            watch(viewer);
    }
}

static bool all_ready(const struct crowd *crowd)
{
    for (unsigned i = 0; i < crowd->n; i++)
        if (!crowd->viewers[i].ready)
            return false;
    return true;
}

bool crowd_gather(struct crowd *crowd, unsigned n, uint16_t port, const struct walk *walk)
{
    uint64_t until = fl_now_us() + PATIENCE;

    *crowd = (struct crowd){.walk = walk, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    crowd->viewers = calloc(n, sizeof *crowd->viewers);
    crowd->samples = calloc(MOST_SAMPLES, sizeof *crowd->samples);
    if (!crowd->viewers || !crowd->samples || crowd->epoll < 0)
        return false;
    for (unsigned i = 0; i < n; i++) {
        struct viewer *viewer = &crowd->viewers[crowd->n++];
        viewer->crowd = crowd;
        viewer->number = i;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = viewer};
        if (!link_open(&viewer->link, port, hear, viewer) ||
            epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, viewer->link.fd, &event) < 0)
            return false;
        attend(crowd, 0);
    }
    while (!all_ready(crowd) && crowd_is_whole(crowd) && fl_now_us() < until)
        attend(crowd, 10000);
    return all_ready(crowd);
}

static bool moves(const struct crowd *crowd, uint64_t now)
{
    const struct walk *walk = crowd->walk;

    return walk->rests == 0 || (now - crowd->begun) % (walk->moves + walk->rests) < walk->moves;
}

// Those whose turn it is; when the next one's is.
static uint64_t hover_all(struct crowd *crowd, uint64_t now)
{
    uint64_t period = (uint64_t)(1e6 / crowd->walk->rate), next = now + period;
    bool moving = moves(crowd, now);

    for (unsigned i = 0; i < crowd->n; i++) {
        struct viewer *viewer = &crowd->viewers[i];
        if (viewer->next_at <= now) {
            if (moving)
                send_hover(viewer, fl_now_us());
            viewer->next_at = crowd->walk->ask_after ? UINT64_MAX : viewer->next_at + period;
            if (viewer->link.n_out > 0)
                watch(viewer);
        }
        next = viewer->next_at < next ? viewer->next_at : next;
    }
    return next;
}

void crowd_measure(struct crowd *crowd, double seconds)
{
    uint64_t period = (uint64_t)(1e6 / crowd->walk->rate), next = 0;

    crowd->begun = fl_now_us();
    crowd->hovers = crowd->seen = crowd->frames = crowd->same = crowd->bytes = 0;
    crowd->n_samples = 0;
    crowd->counts = true;
    for (unsigned i = 0; i < crowd->n; i++) // spread over the first period
        crowd->viewers[i].next_at =
            crowd->begun + (crowd->walk->together ? 0 : period * i / crowd->n);
    uint64_t now = crowd->begun, end = now + (uint64_t)(seconds * 1e6), last = now;
    crowd->ends = end;
    crowd->moving = 0;
    while (now < end) {
        if (moves(crowd, now))
            crowd->moving += (double)(now - last) * 1e-6;
        last = now;
        if (now >= next || crowd->walk->ask_after)
            next = hover_all(crowd, now);
        now = fl_now_us();
        attend(crowd, next <= now ? 0 : next - now < end - now ? next - now : 1000);
        now = fl_now_us();
    }
    while (crowd->seen < crowd->hovers && fl_now_us() < end + LATE)
        attend(crowd, 5000);
    crowd->counts = false;
}

void crowd_rest(struct crowd *crowd, double seconds)
{
    uint64_t until = fl_now_us() + (uint64_t)(seconds * 1e6), now = 0;

    while ((now = fl_now_us()) < until)
        attend(crowd, until - now);
}

bool crowd_is_whole(const struct crowd *crowd)
{
    for (unsigned i = 0; i < crowd->n; i++)
        if (crowd->viewers[i].link.fd < 0)
            return false;
    return crowd->n > 0;
}

void crowd_end(struct crowd *crowd)
{
    for (unsigned i = 0; i < crowd->n; i++)
        link_finish(&crowd->viewers[i].link);
    free(crowd->viewers);
    free(crowd->samples);
    if (crowd->epoll >= 0)
        close(crowd->epoll);
    *crowd = (struct crowd){.epoll = -1};
}

static int compare_times(const void *a, const void *b)
{
    uint32_t x = ((const struct sample *)a)->us, y = ((const struct sample *)b)->us;
    return (x > y) - (x < y);
}

static int compare_own_first(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return x->own == y->own ? compare_times(a, b) : x->own ? -1 : 1;
}

static int compare_renders(const void *a, const void *b)
{
    uint32_t x = ((const struct sample *)a)->render, y = ((const struct sample *)b)->render;
    return (x > y) - (x < y);
}

double crowd_percentile(struct crowd *crowd, double p, bool own)
{
    size_t n = crowd->n_samples;

    qsort(crowd->samples, n, sizeof *crowd->samples, own ? compare_own_first : compare_times);
    while (own && n > 0 && !crowd->samples[n - 1].own)
        n--;
    size_t at = (size_t)((double)n * p / 100);
    return n > 0 ? crowd->samples[at < n ? at : n - 1].us * 1e-3 : (double)NAN;
}

double crowd_render(struct crowd *crowd)
{
    qsort(crowd->samples, crowd->n_samples, sizeof *crowd->samples, compare_renders);
    size_t middle = crowd->n_samples / 2;
    return crowd->n_samples > 0 ? crowd->samples[middle].render * 1e-3 : (double)NAN;
}

static int compare_stages(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return x->own == y->own ? (x->at > y->at) - (x->at < y->at) : x->own ? -1 : 1;
}

double crowd_at_server(struct crowd *crowd, double p)
{
    size_t n = crowd->n_samples;

    qsort(crowd->samples, n, sizeof *crowd->samples, compare_stages);
    while (n > 0 && !crowd->samples[n - 1].own)
        n--;
    size_t at = (size_t)((double)n * p / 100);
    return n > 0 ? crowd->samples[at < n ? at : n - 1].at * 1e-3 : (double)NAN;
}
