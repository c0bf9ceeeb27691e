// Where the server listens: ports, socket files, and what it says where it cannot.
#include "fake.h"

#include "client.h"

#include <sys/stat.h>
#include <sys/un.h>

static char folder[] = "/tmp/farlook-test-XXXXXX";

static struct fl_net *listen_at(const char *address, struct fl_error *error)
{
    *error = (struct fl_error){0};
    return fl_net_create(
        &(struct fl_net_options){.listen = address, .version = "1", .gpu = "a GPU"}, error);
}

static void expect_refusal(const char *address, enum fl_err code, const char *word)
{
    struct fl_error error;
    struct fl_net *net = listen_at(address, &error);

    EXPECT(!net);
    EXPECT_INT(error.code, code);
    EXPECT(strstr(error.text, word));
}

static int port_behind(size_t prefix, const struct fl_net *net)
{
    return (int)strtol(fl_net_url(net) + prefix, NULL, 10);
}

static void test_a_free_port_is_found_and_named(void)
{
    struct fl_error error;
    struct fl_net *net = listen_at("localhost:0", &error);

    EXPECT(net);
    EXPECT(strncmp(fl_net_url(net), "http://127.0.0.1:", 17) == 0);
    EXPECT(port_behind(17, net) > 0);

    char again[64];
    snprintf(again, sizeof again, "127.0.0.1:%d", port_behind(17, net));
    expect_refusal(again, FL_ERR_IO, "in use");
    expect_refusal(again, FL_ERR_IO, strchr(again, ':') + 1);
    fl_net_destroy(net);

    net = listen_at(again, &error); // it is free again
    EXPECT(net);
    fl_net_destroy(net);
}

static void test_ipv6_loopback_serves_where_there_is_one(void)
{
    struct fl_error error;
    struct fl_net *net = listen_at("[::1]:0", &error);

    if (!net) { // a machine without IPv6: then it says so
        EXPECT(strstr(error.text, "::1"));
        return;
    }
    EXPECT(strncmp(fl_net_url(net), "http://[::1]:", 13) == 0);
    EXPECT(port_behind(13, net) > 0);
    fl_net_destroy(net);
}

static void test_what_is_not_loopback_is_refused(void)
{
    expect_refusal("0.0.0.0:0", FL_ERR_FORBIDDEN, "until tokens exist");
    expect_refusal("nonsense", FL_ERR_RANGE, "nonsense");
}

static int dial_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    EXPECT(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void make_stale_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    close(fd); // its file stays
}

static void test_a_unix_socket_serves_any_host_and_is_removed(void)
{
    char path[64], address[80], url[80];
    struct fl_error error;
    struct stat info;

    snprintf(path, sizeof path, "%s/sock", folder);
    snprintf(address, sizeof address, "unix:%s", path);
    make_stale_socket(path);
    server.net = listen_at(address, &error); // nobody answered there
    EXPECT(server.net);
    snprintf(url, sizeof url, "%s", fl_net_url(server.net));
    EXPECT(strcmp(url, address) == 0);
    EXPECT(stat(path, &info) == 0 && (info.st_mode & 0007) == 0); // not for everybody
    server.thread = fl_thread_start("net", run_server, NULL);

    int fd = dial_unix(path);
    EXPECT(fd >= 0);
    send_text(fd, "GET /healthz HTTP/1.1\r\nHost: hub.example\r\n\r\n");
    EXPECT_INT(read_answer(fd), 200);
    close(fd);
    expect_refusal(address, FL_ERR_IO, "already");
    fd = dial_unix(path); // and the refused one has not touched it
    EXPECT(fd >= 0);
    close(fd);

    stop_server();
    fl_net_destroy(server.net);
    EXPECT(stat(path, &info) < 0 && errno == ENOENT);
}

static void test_a_path_that_is_no_socket_is_refused(void)
{
    char address[80];

    snprintf(address, sizeof address, "unix:%s", folder);
    expect_refusal(address, FL_ERR_IO, "not a socket");
    snprintf(address, sizeof address, "unix:%s/none/sock", folder);
    expect_refusal(address, FL_ERR_IO, "none/sock");
}

int main(void)
{
    fl_log_set_level(FL_LOG_ERROR);
    EXPECT(mkdtemp(folder));
    fake_begin();
    RUN(test_a_free_port_is_found_and_named);
    RUN(test_ipv6_loopback_serves_where_there_is_one);
    RUN(test_what_is_not_loopback_is_refused);
    RUN(test_a_unix_socket_serves_any_host_and_is_removed);
    RUN(test_a_path_that_is_no_socket_is_refused);
    EXPECT(rmdir(folder) == 0);
    free(answer.body);
    return 0;
}
