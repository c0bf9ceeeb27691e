#include "way.h"

#include "server/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { PACKET = 1448, PACKETS = 2048, LATER = 3 };

static const uint64_t NEVER = UINT64_MAX;
static const double LEAST_TIMEOUT = 200000, MOST_TIMEOUT = 4000000; // microseconds

struct packet {
    uint64_t sent, leaves; // the last time; when it is through the bottleneck
    uint64_t arrives;      // NEVER: it is lost
    unsigned timeouts;     // how often it was sent again for want of any news
    bool acked;
    size_t len, given; // given: to the other end's socket
    uint8_t bytes[PACKET];
};

struct way {
    struct link_kind kind;
    int from, to;
    struct packet *packets; // owned; a ring: what is not both acknowledged and given
    size_t first, n;
    uint64_t free_at;         // when the bottleneck is
    double window, threshold; // packets
    double rtt, deviation;    // RFC 6298, microseconds; rtt 0: none yet
    uint64_t shrunk_at;       // packets sent before shrink the window no more
    uint32_t seed;
    bool ended;
};

struct way *way_create(const struct link_kind *kind, int from, int to, uint32_t seed)
{
    struct way *way = calloc(1, sizeof *way);

    if (!way)
        return NULL;
    *way = (struct way){.kind = *kind,
                        .from = from,
                        .to = to,
                        .packets = calloc(PACKETS, sizeof(struct packet)),
                        .window = 10,
                        .threshold = PACKETS,
                        .seed = seed};
    if (way->packets)
        return way;
    free(way);
    return NULL;
}

void way_destroy(struct way *way)
{
    if (!way)
        return;
    free(way->packets);
    free(way);
}

static struct packet *nth(const struct way *way, size_t k)
{
    return &way->packets[(way->first + k) % PACKETS];
}

static bool is_lost(struct way *way)
{
    way->seed = way->seed * 1664525U + 1013904223U;
    return (double)(way->seed >> 8) < way->kind.loss * 16777216.0;
}

static void send_packet(struct way *way, struct packet *packet, uint64_t now)
{
    way->free_at = way->free_at > now ? way->free_at : now;
    way->free_at += (uint64_t)((double)packet->len * 8e6 / way->kind.bits);
    packet->sent = now;
    packet->leaves = way->free_at;
    packet->arrives = is_lost(way) ? NEVER : packet->leaves + way->kind.one_way;
}

struct under_way {
    size_t packets, queued; // sent and not acknowledged; bytes before the bottleneck
};

static struct under_way count(const struct way *way, uint64_t now)
{
    struct under_way all = {0, 0};

    for (size_t k = 0; k < way->n; k++) {
        const struct packet *packet = nth(way, k);
        all.packets += !packet->acked;
        all.queued += packet->leaves > now ? packet->len : 0;
    }
    return all;
}

bool way_wants_more(const struct way *way)
{
    struct under_way all = count(way, fl_now_us());

    return !way->ended && way->n < PACKETS && (double)all.packets < way->window &&
           all.queued + PACKET <= way->kind.queue;
}

static void take_in(struct way *way)
{
    while (way_wants_more(way)) {
        struct packet *packet = nth(way, way->n);
        ssize_t n = recv(way->from, packet->bytes, PACKET, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            way->ended = true;
            return;
        }
        packet->len = (size_t)n;
        packet->given = 0;
        packet->timeouts = 0;
        packet->acked = false;
        send_packet(way, packet, fl_now_us());
        way->n++;
    }
}

static uint64_t acked_at(const struct way *way, const struct packet *packet)
{
    return packet->arrives == NEVER ? NEVER : packet->arrives + way->kind.one_way;
}

static void measure(struct way *way, double rtt)
{
    double off = rtt > way->rtt ? rtt - way->rtt : way->rtt - rtt;

    way->deviation = way->rtt > 0 ? 0.75 * way->deviation + 0.25 * off : rtt / 2;
    way->rtt = way->rtt > 0 ? 0.875 * way->rtt + 0.125 * rtt : rtt;
}

static void acknowledge(struct way *way, uint64_t now)
{
    bool full = (double)count(way, now).packets + 1 > way->window;

    for (size_t k = 0; k < way->n; k++) {
        struct packet *packet = nth(way, k);
        if (packet->acked || acked_at(way, packet) > now)
            continue;
        packet->acked = true;
        measure(way, (double)(acked_at(way, packet) - packet->sent));
        if (full) // a window that is not used says nothing of the link
            way->window += way->window < way->threshold ? 1 : 1 / way->window;
        if (way->window > PACKETS)
            way->window = PACKETS;
    }
}

static uint64_t timeout_of(const struct way *way, const struct packet *packet)
{
    double timeout = way->rtt > 0 ? way->rtt + 4 * way->deviation : 1000000;

    timeout = timeout < LEAST_TIMEOUT ? LEAST_TIMEOUT : timeout;
    for (unsigned k = 0; k < packet->timeouts && timeout < MOST_TIMEOUT; k++)
        timeout *= 2;
    return packet->sent + (uint64_t)timeout;
}

// Enough that was sent later is known to have come.
static bool is_missed(const struct way *way, const struct packet *lost, uint64_t now)
{
    size_t later = 0;

    for (size_t k = 0; k < way->n; k++) {
        const struct packet *packet = nth(way, k);
        later += packet->sent > lost->sent && acked_at(way, packet) <= now;
    }
    return later >= LATER;
}

static void shrink(struct way *way, const struct packet *lost, double to, uint64_t now)
{
    double flight = (double)count(way, now).packets;

    if (lost->sent < way->shrunk_at)
        return; // of the same round trip
    way->threshold = 0.7 * flight < 2 ? 2 : 0.7 * flight;
    way->window = to > 0 ? to : way->threshold;
    way->shrunk_at = now;
}

static void send_again(struct way *way, uint64_t now)
{
    for (size_t k = 0; k < way->n; k++) {
        struct packet *packet = nth(way, k);
        if (packet->arrives != NEVER)
            continue;
        if (is_missed(way, packet, now)) {
            shrink(way, packet, 0, now);
        } else if (timeout_of(way, packet) <= now) {
            shrink(way, packet, 1, now);
            packet->timeouts++;
        } else {
            continue;
        }
        send_packet(way, packet, now);
    }
}

// In their order. False: nothing more can be given now.
static bool give(struct way *way, struct packet *packet, uint64_t now)
{
    if (packet->given == packet->len)
        return true;
    if (packet->arrives > now)
        return false;
    ssize_t n =
        send(way->to, packet->bytes + packet->given, packet->len - packet->given, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        way->ended = true;
    packet->given += n > 0 ? (size_t)n : 0;
    return packet->given == packet->len;
}

static void give_out(struct way *way, uint64_t now)
{
    for (size_t k = 0; k < way->n && give(way, nth(way, k), now); k++)
        continue;
    while (way->n > 0 && nth(way, 0)->acked && nth(way, 0)->given == nth(way, 0)->len) {
        way->first = (way->first + 1) % PACKETS;
        way->n--;
    }
}

void way_step(struct way *way)
{
    uint64_t now = fl_now_us();

    acknowledge(way, now);
    send_again(way, now);
    take_in(way);
    give_out(way, now);
}

bool way_is_over(const struct way *way)
{
    return way->ended && way->n == 0;
}

uint64_t way_due(const struct way *way)
{
    uint64_t now = fl_now_us(), due = now + 100000;
    bool first = true; // of those that were not given

    for (size_t k = 0; k < way->n; k++) {
        const struct packet *packet = nth(way, k);
        uint64_t next = packet->arrives == NEVER ? timeout_of(way, packet)
                        : !packet->acked         ? acked_at(way, packet)
                                                 : due;
        if (packet->given < packet->len && first) {
            first = false;
            next = packet->arrives < next ? packet->arrives : next;
        }
        due = next < due ? next : due;
    }
    if (!way->ended && !way_wants_more(way) && due > now + 1000)
        due = now + 1000; // the queue gets shorter meanwhile
    return due > now ? due - now : 0;
}
