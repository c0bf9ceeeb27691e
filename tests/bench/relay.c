#include "relay.h"

#include "server/base/clock.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET = 1448, PACKETS = 2048 };

struct packet {
    uint64_t leaves, arrives; // the queue; at the other end
    size_t len, sent;
    uint8_t bytes[PACKET];
};

struct way { // one direction
    int from, to;
    struct packet *packets; // owned; a ring
    size_t first, n;
    uint64_t free_at, last; // when the link is free; the last arrival
    uint32_t seed;
    bool ended;
};

static bool is_lost(struct way *way, double loss)
{
    way->seed = way->seed * 1664525U + 1013904223U;
    return (double)(way->seed >> 8) < loss * 16777216.0;
}

static size_t queued(const struct way *way, uint64_t now)
{
    size_t bytes = 0;

    for (size_t k = way->n; k > 0; k--) { // newest first
        const struct packet *packet = &way->packets[(way->first + k - 1) % PACKETS];
        if (packet->leaves <= now)
            break;
        bytes += packet->len;
    }
    return bytes;
}

static bool has_room(const struct way *way, const struct relay_link *link, uint64_t now)
{
    return !way->ended && way->n < PACKETS && queued(way, now) + PACKET <= link->queue;
}

static void take_in(struct way *way, const struct relay_link *link)
{
    uint64_t now = fl_now_us();

    while (has_room(way, link, now)) {
        struct packet *packet = &way->packets[(way->first + way->n) % PACKETS];
        ssize_t n = recv(way->from, packet->bytes, PACKET, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            way->ended = true;
            return;
        }
        packet->len = (size_t)n;
        packet->sent = 0;
        way->free_at = way->free_at > now ? way->free_at : now;
        way->free_at += (uint64_t)((double)n * 8e6 / link->bits);
        packet->leaves = way->free_at;
        packet->arrives = packet->leaves + link->one_way;
        if (is_lost(way, link->loss))
            packet->arrives += 2 * link->one_way;
        if (packet->arrives < way->last)
            packet->arrives = way->last;
        way->last = packet->arrives;
        way->n++;
    }
}

static void give_out(struct way *way)
{
    uint64_t now = fl_now_us();

    while (way->n > 0) {
        struct packet *packet = &way->packets[way->first];
        if (packet->arrives > now)
            return;
        ssize_t n =
            send(way->to, packet->bytes + packet->sent, packet->len - packet->sent, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0) {
            way->ended = true;
            return;
        }
        packet->sent += (size_t)n;
        if (packet->sent < packet->len)
            return;
        way->first = (way->first + 1) % PACKETS;
        way->n--;
    }
}

// Microseconds until something is to be done without a socket's saying so.
static uint64_t until_due(const struct way *way, const struct relay_link *link, uint64_t now)
{
    uint64_t due = now + 100000;

    if (way->n > 0 && way->packets[way->first].arrives < due)
        due = way->packets[way->first].arrives;
    if (!has_room(way, link, now) && due > now + 1000)
        due = now + 1000; // the queue gets shorter meanwhile
    return due > now ? due - now : 0;
}

static void carry(struct way ways[2], const struct relay_link *link)
{
    while ((!ways[0].ended || ways[0].n > 0) && (!ways[1].ended || ways[1].n > 0)) {
        struct pollfd polls[2];
        uint64_t now = fl_now_us(), wait = UINT64_MAX;
        for (int k = 0; k < 2; k++) {
            uint64_t due = until_due(&ways[k], link, now);
            wait = due < wait ? due : wait;
            polls[k].fd = has_room(&ways[k], link, now) ? ways[k].from : -1;
            polls[k].events = POLLIN;
        }
        ppoll(polls, 2, &(struct timespec){0, (long)wait * 1000}, NULL);
        for (int k = 0; k < 2; k++) {
            take_in(&ways[k], link);
            give_out(&ways[k]);
        }
    }
}

static void run(const struct relay_link *link, int listening, uint16_t target)
{
    int client = accept(listening, NULL, NULL), server = loopback_connect(target, true);
    struct way ways[2] = {{.from = client, .to = server, .seed = 1},
                          {.from = server, .to = client, .seed = 2}};

    if (client < 0 || server < 0)
        return;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(client, F_SETFL, O_NONBLOCK);
    fcntl(server, F_SETFL, O_NONBLOCK);
    for (int k = 0; k < 2; k++) {
        ways[k].packets = calloc(PACKETS, sizeof(struct packet));
        if (!ways[k].packets)
            return;
    }
    carry(ways, link);
}

pid_t relay_start(const struct relay_link *link, uint16_t target, uint16_t *port)
{
    int listening = -1;

    *port = loopback_listen(&listening);
    pid_t pid = *port ? fork() : -1;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(link, listening, target);
        _exit(0);
    }
    if (listening >= 0)
        close(listening);
    return pid;
}
