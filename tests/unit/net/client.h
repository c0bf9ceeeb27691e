#pragma once

// The server of server/net with the session of fake.h, running on its own thread, and sockets to
// it that send bytes as they are. Included once per program, after fake.h.

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/thread.h"
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

const struct fl_asset fl_assets[] = {
    {"index.html", "text/html; charset=utf-8", (const unsigned char *)"<p>page", 7},
    {"assets/app-1a.js", "text/javascript", (const unsigned char *)"run()", 5},
};
const size_t fl_n_assets = 2;

static struct server {
    struct fl_net *net;
    struct fl_thread *thread;
    uint16_t port;
} server;

static inline void run_server(void *user)
{
    (void)user;
    fl_net_run(server.net, &fake_session);
}

static inline void start_server(void)
{
    static const char *const origins[] = {"https://notes:8888"};
    struct fl_error error = {0};

    fl_log_set_level(FL_LOG_ERROR);
    fake_begin();
    server.net = fl_net_create(&(struct fl_net_options){.listen = "127.0.0.1:0",
                                                        .public_url = "https://lab/x/",
                                                        .origins = origins,
                                                        .n_origins = 1,
                                                        .version = "1.2.3",
                                                        .gpu = "a GPU"},
                               &error);
    if (!server.net) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    server.port = (uint16_t)strtoul(strrchr(fl_net_url(server.net), ':') + 1, NULL, 10);
    server.thread = fl_thread_start("net", run_server, NULL);
}

// Returns when fl_net_run has.
static inline void stop_server(void)
{
    fl_net_stop(server.net);
    fl_thread_join(server.thread);
}

static inline int dial(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server.port)};
    struct timeval patience = {.tv_sec = 30};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(fd >= 0);
    EXPECT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    EXPECT(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static void send_bytes(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0) // it hung up already: the test will see what it said
            return;
        at += n;
        len -= (size_t)n;
    }
}

static inline void send_text(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void send_text(int fd, const char *fmt, ...)
{
    static char text[65536];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    EXPECT(n > 0 && n < (int)sizeof text);
    send_bytes(fd, text, (size_t)n);
}

// False at the connection's end. A server that says nothing for 30 s fails the test.
static inline bool read_bytes(int fd, void *out, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = recv(fd, (char *)out + at, len - at, 0);
        if (n < 0 && errno == EINTR) // stopped by a signal, and gone on
            continue;
        EXPECT(n >= 0 || errno == ECONNRESET);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static struct answer {
    int status; // 0: the connection ended
    char head[4096];
    char *body;
    size_t len;
} answer;

static inline void read_head(int fd)
{
    size_t n = 0;

    free(answer.body);
    answer = (struct answer){0};
    while (!strstr(answer.head, "\r\n\r\n")) {
        EXPECT(n < sizeof answer.head - 1);
        if (!read_bytes(fd, answer.head + n, 1))
            return;
        answer.head[++n] = '\0';
    }
    answer.status = (int)strtol(answer.head + strlen("HTTP/1.1 "), NULL, 10);
}

// Reads one answer into `answer`.
static inline int read_answer(int fd)
{
    read_head(fd);
    const char *length = strstr(answer.head, "Content-Length: ");
    answer.len = length ? strtoul(length + 16, NULL, 10) : 0;
    answer.body = calloc(1, answer.len + 1);
    EXPECT(answer.body);
    if (!read_bytes(fd, answer.body, answer.len))
        answer.status = 0;
    return answer.status;
}

static inline bool has_header(const char *line)
{
    return strstr(answer.head, line) != NULL;
}

// Waits until *counter is `want`; fails after 30 s.
static inline void expect_soon(atomic_uint *counter, unsigned want)
{
    for (int i = 0; i < 3000 && atomic_load(counter) != want; i++)
        usleep(10000);
    EXPECT_INT(atomic_load(counter), want);
}
