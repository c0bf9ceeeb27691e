// The server's WebSocket as bytes on a socket. One server serves all tests.
#include "fake.h"

#include "client.h"

enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, FIN = 0x80 };

struct handshake { // what differs from a good one; NULL: the header is left out where it may be
    const char *path, *host, *origin, *protocol, *method;
};

static int shake(int fd, const struct handshake *h)
{
    send_text(fd,
              "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
              "%s%s%s%s%s%s\r\n",
              h->method ? h->method : "GET", h->path ? h->path : "/ws",
              h->host ? h->host : "127.0.0.1", h->origin ? "Origin: " : "",
              h->origin ? h->origin : "", h->origin ? "\r\n" : "",
              h->protocol ? "Sec-WebSocket-Protocol: " : "", h->protocol ? h->protocol : "",
              h->protocol ? "\r\n" : "");
    read_head(fd);
    return answer.status;
}

static int open_socket(void)
{
    int fd = dial();

    EXPECT_INT(shake(fd, &(struct handshake){.protocol = "farlook.v1"}), 101);
    return fd;
}

// One frame from a client. `declared`: the length that its header tells.
static void send_frame(int fd, int first, const void *bytes, size_t len, uint64_t declared)
{
    static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
    static uint8_t frame[80000];
    const uint8_t *payload = bytes;
    size_t n = 0;

    frame[n++] = (uint8_t)first;
    frame[n++] = 0x80 | (declared < 126 ? (uint8_t)declared : declared < 65536 ? 126 : 127);
    int wide = declared < 126 ? 0 : declared < 65536 ? 2 : 8;
    for (int i = wide - 1; i >= 0; i--)
        frame[n++] = (uint8_t)(declared >> (8 * i));
    memcpy(frame + n, mask, 4);
    n += 4;
    EXPECT(n + len <= sizeof frame);
    for (size_t i = 0; i < len; i++)
        frame[n++] = (uint8_t)(payload[i] ^ mask[i % 4]);
    send_bytes(fd, frame, n);
}

static void send_whole(int fd, const void *bytes, size_t len)
{
    send_frame(fd, BINARY | FIN, bytes, len, len);
}

static struct heard {
    int opcode;    // of the message; -1: the connection ended without one
    int fragments; // of it
    int code;      // of a CLOSE
    uint8_t *bytes;
    size_t len;
} heard;

// Reads one message into `heard`; control messages between are skipped.
static int hear(int fd)
{
    uint8_t head[10];

    free(heard.bytes);
    heard = (struct heard){.opcode = -1};
    while (read_bytes(fd, head, 2)) {
        size_t len = head[1] & 0x7f;
        int wide = len == 126 ? 2 : len == 127 ? 8 : 0;
        EXPECT(read_bytes(fd, head + 2, (size_t)wide));
        for (int i = 0; i < wide; i++)
            len = (i ? len << 8 : 0) | head[2 + i];
        heard.bytes = realloc(heard.bytes, heard.len + len + 1);
        EXPECT(heard.bytes);
        EXPECT(read_bytes(fd, heard.bytes + heard.len, len));
        int opcode = head[0] & 15;
        if (opcode == PING || opcode == PONG)
            continue;
        heard.len += len;
        heard.fragments++;
        if (opcode != CONTINUATION)
            heard.opcode = opcode;
        if (opcode == CLOSE && len >= 2)
            heard.code = heard.bytes[0] << 8 | heard.bytes[1];
        if (head[0] & FIN)
            return heard.opcode;
    }
    return -1;
}

static void expect_close(int fd, int code)
{
    EXPECT_INT(hear(fd), CLOSE);
    EXPECT_INT(heard.code, code);
    close(fd);
}

static void test_only_ws_with_our_subprotocol_is_a_socket(void)
{
    static const struct {
        struct handshake handshake;
        int status;
    } table[] = {
        {{.protocol = "farlook.v1"}, 101},
        {{.protocol = "farlook.v1", .path = "/x/ws"}, 101},
        {{.protocol = "farlook.v1", .path = "/s/abc/ws"}, 101},
        {{.protocol = "farlook.v1", .path = "/x/s/abc/ws"}, 101},
        {{.protocol = "farlook.v1", .path = "/ws?a=b"}, 101},
        {{.protocol = "chat, farlook.v1"}, 101},
        {{.protocol = "farlook.v1", .path = "/"}, 404},
        {{.protocol = "farlook.v1", .path = "/y/ws"}, 404},
        {{.protocol = "farlook.v1", .path = "/healthz"}, 404},
        {{.protocol = "farlook.v1", .method = "POST"}, 405},
        {{.protocol = NULL}, 400},
        {{.protocol = "farlook.v2"}, 400},
        {{.protocol = "farlook.v1x"}, 400},
        {{.protocol = "xfarlook.v1"}, 400},
        {{.protocol = "no websocket"}, 400},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int fd = dial();
        EXPECT_INT(shake(fd, &table[i].handshake), table[i].status);
        EXPECT(answer.status != 101 || has_header("Sec-WebSocket-Protocol: farlook.v1\r\n"));
        close(fd);
    }
}

static void test_foreign_hosts_and_pages_get_a_real_403(void)
{
    static const struct {
        const char *host, *origin;
        int status;
    } table[] = {
        {NULL, NULL, 101},
        {NULL, "http://localhost:1234", 101},
        {NULL, "https://lab", 101},
        {"lab", "https://lab", 101},
        {NULL, "https://notes:8888", 101},
        {NULL, "null", 403},
        {NULL, "https://evil.example", 403},
        {NULL, "http://127.0.0.1:7811.evil", 403},
        {NULL, "https://lab.evil", 403},
        {NULL, "https://notes", 403},
        {"evil.example", NULL, 403},
        {"evil.example", "http://evil.example", 403}, // a rebound name is its own origin
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int fd = dial();
        struct handshake h = {
            .protocol = "farlook.v1", .host = table[i].host, .origin = table[i].origin};
        EXPECT_INT(shake(fd, &h), table[i].status);
        EXPECT(answer.status != 403 || has_header("Content-Type: application/json"));
        close(fd);
    }
}

static void test_other_upgrades_are_refused(void)
{
    int fd = dial();

    send_text(fd,
              "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n");
    EXPECT_INT(read_answer(fd), 501);
    close(fd);
}

static void test_compression_is_not_agreed_to(void)
{
    int fd = dial();
    struct handshake h = {.protocol = "farlook.v1\r\nSec-WebSocket-Extensions: permessage-deflate"};

    EXPECT_INT(shake(fd, &h), 101);
    EXPECT(!has_header("xtensions"));
    close(fd);
}

static void test_a_message_comes_whole_however_it_is_cut(void)
{
    int fd = open_socket();

    send_whole(fd, "hello", 5);
    EXPECT_INT(hear(fd), BINARY);
    EXPECT(heard.len == 5 && memcmp(heard.bytes, "hello", 5) == 0);

    send_frame(fd, BINARY, "ab", 2, 2);
    send_frame(fd, PING | FIN, "?", 1, 1);
    send_frame(fd, CONTINUATION, "", 0, 0);
    send_frame(fd, CONTINUATION, "cd", 2, 2);
    send_frame(fd, CONTINUATION | FIN, "ef", 2, 2);
    EXPECT_INT(hear(fd), BINARY);
    EXPECT(heard.len == 6 && memcmp(heard.bytes, "abcdef", 6) == 0);

    send_frame(fd, BINARY | FIN, "01234", 5, 10); // one frame in two segments
    usleep(50000);
    const uint8_t rest[5] = {'5' ^ 0x34, '6' ^ 0x56, '7' ^ 0x78, '8' ^ 0x12, '9' ^ 0x34};
    send_bytes(fd, rest, sizeof rest);
    EXPECT_INT(hear(fd), BINARY);
    EXPECT(heard.len == 10 && memcmp(heard.bytes, "0123456789", 10) == 0);
    close(fd);
}

static void test_a_message_has_at_most_what_the_session_allows(void)
{
    static uint8_t bytes[70000];
    unsigned before = atomic_load(&fake.received);

    int fd = open_socket();
    send_whole(fd, bytes, 65536);
    EXPECT_INT(hear(fd), BINARY);
    EXPECT_INT(heard.len, 65536);
    send_whole(fd, bytes, 65537);
    expect_close(fd, 1009);

    fd = open_socket();
    send_frame(fd, BINARY, bytes, 40000, 40000);
    send_frame(fd, CONTINUATION, bytes, 30000, 30000);
    expect_close(fd, 1009);

    fd = open_socket();
    send_frame(fd, BINARY | FIN, bytes, 10, (uint64_t)1 << 62); // refused at its first bytes
    expect_close(fd, 1009);

    fd = open_socket();
    send_frame(fd, BINARY | FIN, bytes, 10, UINT64_MAX);
    EXPECT(hear(fd) == -1 || heard.code == 1002);
    close(fd);
    EXPECT_INT(atomic_load(&fake.received), before + 1);
    EXPECT_INT(atomic_load(&fake.biggest), 65536);
}

static void test_text_is_refused(void)
{
    int fd = open_socket();

    send_frame(fd, TEXT | FIN, "hi", 2, 2);
    expect_close(fd, 1003);
}

static void test_the_session_s_close_arrives_with_code_and_reason(void)
{
    int fd = open_socket();

    send_whole(fd, "c", 1);
    EXPECT_INT(hear(fd), CLOSE);
    EXPECT_INT(heard.code, 4400);
    EXPECT(heard.len == 2 + 17 && memcmp(heard.bytes + 2, "You asked for it.", 17) == 0);
    close(fd);
}

static void expect_image(int fd, size_t image)
{
    size_t least = (2 + image + 32767) / 32768; // more where the kernel had less room

    EXPECT_INT(hear(fd), BINARY);
    EXPECT_INT(heard.len, 2 + image);
    EXPECT((size_t)heard.fragments >= least);
    EXPECT(least > 1 || heard.fragments == 1);
    for (size_t i = 2; i < heard.len; i += 997)
        EXPECT_INT(heard.bytes[i], 0x5a);
}

static void test_a_large_message_goes_in_fragments_and_stays_whole(void)
{
    int fd = open_socket();

    send_whole(fd, "i\x10", 2);
    expect_image(fd, 16384);
    send_whole(fd, "i\x40", 2);
    expect_image(fd, 65536);
    send_whole(fd, "I\x40", 2);
    expect_image(fd, 4 << 20);
    send_whole(fd, "hello", 5);
    EXPECT_INT(hear(fd), BINARY);
    EXPECT_INT(heard.len, 5);
    close(fd);
}

// The session does not wake the socket for what was ready behind a message, it says so.
static void test_what_is_ready_behind_a_message_follows_by_itself(void)
{
    int fd = open_socket();

    send_whole(fd, "n\x01\x05", 3);
    for (int i = 0; i < 5; i++) {
        EXPECT_INT(hear(fd), BINARY);
        EXPECT_INT(heard.len, 3);
    }
    send_whole(fd, "I\x04\x03", 3); // in fragments
    for (int i = 0; i < 3; i++) {
        EXPECT_INT(hear(fd), BINARY);
        EXPECT_INT(heard.len, 3 + (4 << 16));
    }
    close(fd);
}

static void test_a_message_that_does_not_end_is_hung_up_on(void)
{
    int half = open_socket(), cut = open_socket(), good = open_socket();
    uint64_t start = fl_now_us();

    send_frame(half, BINARY | FIN, "0123", 4, 100);
    send_frame(cut, BINARY, "0123", 4, 4);
    for (int i = 0; i < 3; i++) { // whole messages of others restart nothing
        usleep(100000);
        send_whole(good, "hello", 5);
        EXPECT_INT(hear(good), BINARY);
    }
    expect_close(half, 4408);
    EXPECT(fl_now_us() - start > 5000000 && fl_now_us() - start < 20000000);
    expect_close(cut, 4408);
    close(good);
}

static void test_ticks_come_while_somebody_looks_and_only_then(void)
{
    expect_soon(&fake.left, atomic_load(&fake.joined)); // all before have left
    usleep(120000);
    unsigned quiet = atomic_load(&fake.ticks);
    usleep(300000);
    EXPECT_INT(atomic_load(&fake.ticks), quiet);
    int fd = open_socket();
    usleep(500000);
    EXPECT(atomic_load(&fake.ticks) > quiet + 2);
    EXPECT(atomic_load(&fake.ticks) <= quiet + 11);
    close(fd);
}

static void test_the_end_is_said_to_all(void)
{
    int fds[20];

    for (int i = 0; i < 20; i++)
        fds[i] = open_socket();
    fl_net_stop(server.net);
    for (int i = 0; i < 20; i++) {
        EXPECT_INT(hear(fds[i]), BINARY);
        EXPECT(heard.bytes[0] == 0x83 && memcmp(heard.bytes + 1,
                                                "\xa1t\xa3"
                                                "bye",
                                                6) == 0);
        EXPECT_INT(hear(fds[i]), CLOSE);
        EXPECT_INT(heard.code, 1001);
        close(fds[i]);
    }
    stop_server();
    EXPECT_INT(atomic_load(&fake.left), atomic_load(&fake.joined));
    fl_net_destroy(server.net);
}

int main(void)
{
    start_server();
    RUN(test_only_ws_with_our_subprotocol_is_a_socket);
    RUN(test_foreign_hosts_and_pages_get_a_real_403);
    RUN(test_other_upgrades_are_refused);
    RUN(test_compression_is_not_agreed_to);
    RUN(test_a_message_comes_whole_however_it_is_cut);
    RUN(test_a_message_has_at_most_what_the_session_allows);
    RUN(test_text_is_refused);
    RUN(test_the_session_s_close_arrives_with_code_and_reason);
    RUN(test_a_large_message_goes_in_fragments_and_stays_whole);
    RUN(test_what_is_ready_behind_a_message_follows_by_itself);
    RUN(test_a_message_that_does_not_end_is_hung_up_on);
    RUN(test_ticks_come_while_somebody_looks_and_only_then);
    RUN(test_the_end_is_said_to_all);
    free(heard.bytes);
    return 0;
}
