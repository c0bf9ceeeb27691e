#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 8 << 20, CLOSE = 8, PING = 9, PONG = 10 };

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

uint16_t loopback_listen(int *fd)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;

    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0 || bind(*fd, (struct sockaddr *)&address, len) < 0 || listen(*fd, 8) < 0 ||
        getsockname(*fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    return ntohs(address.sin_port);
}

int loopback_connect(uint16_t port, bool narrow)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && narrow) { // loopback's packets of 64 KiB would never fit the buffer
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &(int){1448}, sizeof(int));
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){16384}, sizeof(int));
    }
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static void hang_up(struct link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

bool link_open(struct link *link, uint16_t port, link_fn heard, void *user)
{
    *link = (struct link){.fd = loopback_connect(port, false), .heard = heard, .user = user};
    if (link->fd < 0 || fcntl(link->fd, F_SETFL, O_NONBLOCK) < 0)
        return false;
    // The key is any 16 bytes; that of RFC 6455's example.
    int len = snprintf((char *)link->out, sizeof link->out,
                       "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                       "Sec-WebSocket-Protocol: farlook.v1\r\n\r\n",
                       port);
    link->n_out = (size_t)len;
    link_flush(link);
    return true;
}

void link_finish(struct link *link)
{
    hang_up(link);
    free(link->in);
    free(link->message);
    *link = (struct link){.fd = -1};
}

void link_flush(struct link *link)
{
    while (link->fd >= 0 && link->n_out > 0) {
        ssize_t n = send(link->fd, link->out, link->n_out, MSG_NOSIGNAL);
        if (n <= 0) {
            if (errno != EAGAIN && errno != EINTR)
                hang_up(link);
            return;
        }
        link->n_out -= (size_t)n;
        memmove(link->out, link->out + n, link->n_out);
    }
}

static void send_frame(struct link *link, unsigned opcode, const void *bytes, size_t len)
{
    uint8_t head[8] = {(uint8_t)(0x80 | opcode), (uint8_t)(0x80 | (len < 126 ? len : 126))};
    size_t n = 2;

    if (len >= 126) {
        head[n++] = (uint8_t)(len >> 8);
        head[n++] = (uint8_t)len;
    }
    n += 4; // the mask 0 leaves the bytes as they are
    if (link->fd < 0 || len > 65535 || link->n_out + n + len > sizeof link->out)
        return; // a client that cannot send leaves hovers out too
    memcpy(link->out + link->n_out, head, n);
    memcpy(link->out + link->n_out + n, bytes, len);
    link->n_out += n + len;
    link_flush(link);
}

void link_send(struct link *link, const void *bytes, size_t len)
{
    send_frame(link, 2, bytes, len);
}

static bool reserve(uint8_t **bytes, size_t *size, size_t wanted)
{
    size_t bigger = *size ? *size : 8192;

    while (bigger < wanted)
        bigger *= 2;
    if (bigger == *size)
        return true;
    uint8_t *moved = bigger <= MOST ? realloc(*bytes, bigger) : NULL;
    if (!moved)
        return false;
    *bytes = moved;
    *size = bigger;
    return true;
}

static void take_frame(struct link *link, unsigned first, const uint8_t *bytes, size_t len)
{
    unsigned opcode = first & 15;

    if (opcode == CLOSE)
        hang_up(link);
    if (opcode == PING)
        send_frame(link, PONG, bytes, len);
    if (opcode >= CLOSE)
        return;
    if (link->n_message == 0 && first & 0x80) { // whole: no copy
        link->heard(link->user, bytes, len);
        return;
    }
    if (!reserve(&link->message, &link->message_size, link->n_message + len + 1)) {
        hang_up(link);
        return;
    }
    memcpy(link->message + link->n_message, bytes, len);
    link->n_message += len;
    if (first & 0x80) {
        link->heard(link->user, link->message, link->n_message);
        link->n_message = 0;
    }
}

// How many bytes of the input are done with: one frame, or 0 where it has not come whole.
static size_t take_one(struct link *link, const uint8_t *bytes, size_t n)
{
    size_t head = 2, len = n >= 2 ? bytes[1] & 127 : 0;

    if (n < 2)
        return 0;
    size_t extra = len == 126 ? 2 : len == 127 ? 8 : 0;
    head += extra;
    if (n < head)
        return 0;
    if (extra > 0)
        len = 0;
    for (size_t k = 0; k < extra; k++)
        len = len << 8 | bytes[2 + k];
    if (len > MOST || n - head < len)
        return 0;
    take_frame(link, bytes[0], bytes + head, len);
    return head + len;
}

static size_t take_upgrade(struct link *link)
{
    const uint8_t *end = memmem(link->in, link->n_in, "\r\n\r\n", 4);

    if (!end)
        return 0;
    if (link->n_in < 12 || memcmp(link->in, "HTTP/1.1 101", 12) != 0)
        hang_up(link);
    link->upgraded = true;
    return (size_t)(end - link->in) + 4;
}

static void parse(struct link *link)
{
    size_t done = link->upgraded ? 0 : take_upgrade(link);

    while (link->fd >= 0 && link->upgraded) {
        size_t n = take_one(link, link->in + done, link->n_in - done);
        if (n == 0)
            break;
        done += n;
    }
    link->n_in -= done;
    memmove(link->in, link->in + done, link->n_in);
}

void link_read(struct link *link)
{
    while (link->fd >= 0) {
        if (!reserve(&link->in, &link->in_size, link->n_in + 4096)) {
            hang_up(link);
            return;
        }
        size_t room = link->in_size - link->n_in;
        ssize_t n = recv(link->fd, link->in + link->n_in, room, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            hang_up(link);
            return;
        }
        link->n_in += (size_t)n;
        parse(link);
        if ((size_t)n < room)
            return;
    }
}
