// The server's HTTP as bytes on a socket. One server serves all tests.
#include "fake.h"

#include "client.h"

static const char layer[] = "/api/v1/scenes/a%20scene/maps/conv%201%20%C3%A9";

static int get_with(int fd, const char *path, const char *headers)
{
    send_text(fd, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, headers);
    return read_answer(fd);
}

static int get(const char *path)
{
    int fd = dial(), status = get_with(fd, path, "");

    close(fd);
    return status;
}

static void develop(size_t size)
{
    static size_t sizes[64]; // they are read on the network thread, later
    static int n;

    sizes[n % 64] = size;
    fl_net_call(server.net, fake_develop, NULL, &sizes[n++ % 64]);
}

static int get_layer(int fd, const char *file, const char *headers, size_t size)
{
    send_text(fd, "GET %s/%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", layer, file, headers);
    usleep(50000); // until it was asked for
    develop(size);
    return read_answer(fd);
}

static void test_the_page_comes_with_a_strict_policy(void)
{
    EXPECT_INT(get("/"), 200);
    EXPECT(strcmp(answer.body, "<p>page") == 0);
    EXPECT(has_header("Content-Type: text/html"));
    EXPECT(has_header("Content-Security-Policy: default-src 'none'; script-src 'self';"));
    EXPECT(has_header("X-Content-Type-Options: nosniff\r\n"));
    EXPECT(has_header("Referrer-Policy: no-referrer\r\n"));
    EXPECT(has_header("Cross-Origin-Resource-Policy: same-origin\r\n"));
    EXPECT(has_header("Cache-Control: no-cache\r\n"));
    EXPECT(!has_header("Access-Control") && !has_header("erver: "));
    EXPECT_INT(get("/assets/app-1a.js"), 200);
    EXPECT(has_header("Cache-Control: public, max-age=31536000, immutable\r\n"));
    EXPECT_INT(get("/x/s/abc/assets/app-1a.js"), 200);
    EXPECT_INT(get("/assets/app-2b.js"), 404);
}

static void test_errors_are_json_with_code_and_message(void)
{
    EXPECT_INT(get("/nothing/here/at/all"), 404);
    EXPECT(has_header("Content-Type: application/json"));
    EXPECT(strstr(answer.body, "{\"code\":4,\"message\":\"There is nothing"));
    EXPECT_INT(get("/api/v1/scenes/a%20scene/maps/conv9/frame.png"), 404);
    EXPECT_INT(get("/api/v1/scenes/b/picture"), 404);
    EXPECT_INT(get("/api/v1/scenes/%FF/picture"), 404); // no UTF-8: JSON cannot quote it
    EXPECT(strstr(answer.body, "\"code\":4,"));
    EXPECT_INT(get("/ws"), 400);
    EXPECT_INT(get("/%00"), 400);
    EXPECT_INT(get("/healthz&x"), 400);
}

static void test_a_folder_is_redirected_relative_to_itself(void)
{
    EXPECT_INT(get("/s/abc"), 308);
    EXPECT(has_header("\r\nLocation: abc/\r\n"));
    EXPECT_INT(get("/s/abc/"), 200);
}

static void test_other_methods_get_405_and_what_is_allowed(void)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"};

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        int fd = dial();
        send_text(fd, "%s /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", methods[i]);
        EXPECT_INT(read_answer(fd), 405);
        EXPECT(has_header("Allow: GET, HEAD\r\n"));
        EXPECT(strstr(answer.body, "\"code\":17"));
        close(fd);
    }
}

static void test_a_request_with_a_body_ends_its_connection(void)
{
    // Else the body would be taken for the next request.
    int fd = dial();
    send_text(fd, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 41\r\n\r\n"
                  "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_INT(read_answer(fd), 200);
    EXPECT(has_header("Connection: close"));
    EXPECT_INT(read_answer(fd), 0);
    close(fd);

    fd = dial();
    send_text(fd, "PUT /readyz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_INT(read_answer(fd), 405);
    EXPECT_INT(read_answer(fd), 0);
    close(fd);
}

static void test_a_foreign_host_is_refused(void)
{
    static const char *const hosts[] = {"evil.example",   "\xff\x1b",
                                        "127.0.0.1.evil", "",
                                        "lab:8443",       "localhost\r\nHost: evil.example"};

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        int fd = dial();
        send_text(fd, "GET /api/v1/scenes HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        EXPECT_INT(read_answer(fd), 403);
        EXPECT(strstr(answer.body, "\"code\":13"));
        close(fd);
    }
    int fd = dial();
    send_text(fd, "GET /api/v1/scenes HTTP/1.1\r\nHost: lab\r\n\r\n");
    EXPECT_INT(read_answer(fd), 200);
    close(fd);
}

static void test_head_is_get_without_the_body(void)
{
    int fd = dial();

    send_text(fd, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    read_head(fd);
    EXPECT_INT(answer.status, 200);
    EXPECT(has_header("Content-Length: 7\r\n"));
    EXPECT_INT(get_with(fd, "/", ""), 200); // what follows is an answer, not a body
    close(fd);
}

static void test_requests_sent_at_once_are_answered_in_order(void)
{
    int fd = dial();

    for (int i = 0; i < 5; i++)
        send_text(fd, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", i % 2 ? "/readyz" : "/healthz");
    for (int i = 0; i < 5; i++) {
        EXPECT_INT(read_answer(fd), 200);
        EXPECT(strstr(answer.body, i % 2 ? "ready" : "ok"));
    }
    close(fd);
}

static void test_headers_have_at_most_16_kib(void)
{
    static char cookie[20000];
    int fd = dial();

    memset(cookie, 'c', sizeof cookie - 1);
    send_text(fd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: %.15360s\r\n\r\n", cookie);
    EXPECT_INT(read_answer(fd), 200);
    close(fd);
    fd = dial();
    send_text(fd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: %.17408s\r\n\r\n", cookie);
    EXPECT_INT(read_answer(fd), 0);
    close(fd);
    EXPECT_INT(get("/healthz"), 200);
}

static void test_values_go_out_as_npy(void)
{
    int fd = dial();

    EXPECT_INT(get_layer(fd, "frame.npy?metric=cosine&ref=1.5,2", "", 24), 200);
    EXPECT_INT(answer.len, 128 + 24);
    EXPECT(memcmp(answer.body, "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4'", 25) == 0);
    EXPECT(strstr(answer.body + 10, "'shape': (2, 3)"));
    EXPECT(memcmp(answer.body + 128, "\xa5\xa5\xa5\xa5", 4) == 0);
    EXPECT_INT(get_layer(fd, "frame.npy", "", 0), 200); // nothing to show
    EXPECT_INT(answer.len, 128 + 24);
    float value;
    memcpy(&value, answer.body + 128 + 20, 4);
    EXPECT(isnan(value));
    EXPECT_INT(get_layer(fd, "vector.npy?ref=1,1", "", 0), 200);
    EXPECT_INT(answer.len, 128 + 16);
    memcpy(&value, answer.body + 128 + 4, 4);
    EXPECT_NEAR(value, -2.5, 0);
    close(fd);
}

static void test_a_picture_is_known_by_its_tag(void)
{
    char same[128];
    int fd = dial();

    EXPECT_INT(get_layer(fd, "mask.png", "", 1000), 200);
    EXPECT(has_header("Content-Type: image/png\r\n"));
    const char *tag = strstr(answer.head, "ETag: ");
    EXPECT(tag);
    snprintf(same, sizeof same, "If-None-Match: W/\"x\", %.18s\r\n", tag + 6);
    EXPECT_INT(get_layer(fd, "mask.png", same, 1000), 304);
    EXPECT(!has_header("Content-Length"));
    EXPECT_INT(get_layer(fd, "mask.png", same, 1001), 200);
    EXPECT_INT(get_layer(fd, "frame.jpg", "", 0), 400); // the reference has no direction
    close(fd);
}

static void test_a_large_body_comes_whole(void)
{
    int fd = dial();

    EXPECT_INT(get_layer(fd, "frame.jpg", "", 20 << 20), 200);
    EXPECT_INT(answer.len, 20 << 20);
    for (size_t i = 0; i < answer.len; i += 4096)
        EXPECT_INT((unsigned char)answer.body[i], 0xa5);
    EXPECT_INT(get_with(fd, "/healthz", ""), 200); // on the same connection
    close(fd);
}

static void test_a_wrong_query_is_refused_before_anything_is_rendered(void)
{
    static const char *const table[] = {"ref=1",    "mode=guess", "w=0",  "w=x",
                                        "w=",       "w=1e9",      "w=-1", "w=99999999999999999999",
                                        "opacity=2"};
    char path[256];

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(path, sizeof path, "%s/frame.png?%s", layer, table[i]);
        EXPECT_INT(get(path), 400);
        EXPECT(strstr(answer.body, "\"code\":3"));
    }
    snprintf(path, sizeof path, "%s/frame.png?w=13", layer); // the session itself says no
    EXPECT_INT(get(path), 413);
    EXPECT(strstr(answer.body, "Thirteen"));
}

static void test_whoever_is_gone_is_forgotten(void)
{
    unsigned before = atomic_load(&fake.forgotten);
    int fd = dial();

    send_text(fd, "GET %s/frame.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n", layer);
    usleep(100000);
    close(fd);
    expect_soon(&fake.forgotten, before + 1);
}

static void test_two_hundred_at_once_all_get_their_frame(void)
{
    enum { N = 200 };
    static int fds[N];

    for (int i = 0; i < N; i++) {
        fds[i] = dial();
        send_text(fds[i], "GET %s/frame.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n", layer);
    }
    for (int i = 0; i < N; i++) {
        struct pollfd ready = {.fd = fds[i], .events = POLLIN};
        for (int k = 0; k < 3000 && poll(&ready, 1, 10) == 0; k++)
            develop(5000); // as many as are under way; the others then begin
        EXPECT_INT(read_answer(fds[i]), 200);
        EXPECT_INT(answer.len, 5000);
        close(fds[i]);
    }
}

// Slow senders are hung up on, and idle connections where there are many; nobody is held up by them.
static void test_a_request_that_does_not_end_is_hung_up_on(void)
{
    int half = dial();
    uint64_t start = fl_now_us();

    send_text(half, "GET /healthz HTTP/1.1\r\nHost: local");
    EXPECT_INT(read_answer(half), 0);
    EXPECT(fl_now_us() - start > 2000000 && fl_now_us() - start < 20000000);
    close(half);
}

static void test_idle_connections_make_room_where_there_are_many(void)
{
    enum { N = 520 };
    static int fds[N];

    for (int i = 0; i < N; i++) {
        fds[i] = dial();
        EXPECT_INT(get_with(fds[i], "/healthz", ""), 200);
    }
    uint64_t start = fl_now_us();
    EXPECT_INT(read_answer(fds[N - 1]), 0);
    EXPECT(fl_now_us() - start > 2000000 && fl_now_us() - start < 12000000);
    EXPECT_INT(get_with(fds[0], "/healthz", ""), 200); // it was there before there were many
    for (int i = 0; i < N; i++)
        close(fds[i]);
}

static void test_the_server_ends_with_a_request_under_way(void)
{
    unsigned before = atomic_load(&fake.forgotten);
    int fd = dial();

    send_text(fd, "GET %s/frame.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n", layer);
    usleep(100000);
    stop_server();
    EXPECT_INT(atomic_load(&fake.forgotten), before + 1);
    fl_net_drain(server.net);
    fl_net_destroy(server.net);
    EXPECT_INT(read_answer(fd), 0);
    close(fd);
}

int main(void)
{
    start_server();
    RUN(test_the_page_comes_with_a_strict_policy);
    RUN(test_errors_are_json_with_code_and_message);
    RUN(test_a_folder_is_redirected_relative_to_itself);
    RUN(test_other_methods_get_405_and_what_is_allowed);
    RUN(test_a_request_with_a_body_ends_its_connection);
    RUN(test_a_foreign_host_is_refused);
    RUN(test_head_is_get_without_the_body);
    RUN(test_requests_sent_at_once_are_answered_in_order);
    RUN(test_headers_have_at_most_16_kib);
    RUN(test_values_go_out_as_npy);
    RUN(test_a_picture_is_known_by_its_tag);
    RUN(test_a_large_body_comes_whole);
    RUN(test_a_wrong_query_is_refused_before_anything_is_rendered);
    RUN(test_whoever_is_gone_is_forgotten);
    RUN(test_two_hundred_at_once_all_get_their_frame);
    RUN(test_a_request_that_does_not_end_is_hung_up_on);
    RUN(test_idle_connections_make_room_where_there_are_many);
    RUN(test_the_server_ends_with_a_request_under_way);
    free(answer.body);
    return 0;
}
