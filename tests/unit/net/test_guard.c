// Addresses to listen on, and who may come in by Host and Origin.
#include "server/net/guard.h"
#include "test.h"

static void test_loopback_addresses_are_listened_on(void)
{
    static const struct {
        const char *text, *host;
        int port;
        bool is_unix;
    } table[] = {
        {"127.0.0.1:8765", "127.0.0.1", 8765, false},
        {"127.3.2.1:1", "127.3.2.1", 1, false},
        {"localhost:0", "127.0.0.1", 0, false},
        {"LocalHost:65535", "127.0.0.1", 65535, false},
        {"[::1]:8765", "::1", 8765, false},
        {"unix:/run/farlook.sock", "/run/farlook.sock", 0, true},
        {"unix:relative", "relative", 0, true},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fl_address address;
        EXPECT_INT(fl_address_parse(table[i].text, &address, NULL), FL_OK);
        EXPECT(strcmp(address.host, table[i].host) == 0);
        EXPECT_INT(address.port, table[i].port);
        EXPECT_INT(address.is_unix, table[i].is_unix);
    }
}

static void test_other_addresses_are_refused_with_a_sentence(void)
{
    static const struct {
        const char *text;
        enum fl_err err;
    } table[] = {
        {"0.0.0.0:8765", FL_ERR_FORBIDDEN},
        {"192.168.1.2:8765", FL_ERR_FORBIDDEN},
        {"[::]:8765", FL_ERR_FORBIDDEN},
        {"[2001:db8::1]:80", FL_ERR_FORBIDDEN},
        {"lab.example:8765", FL_ERR_FORBIDDEN},
        {"127.0.0.1.evil:1", FL_ERR_FORBIDDEN},
        {"127.1:80", FL_ERR_FORBIDDEN},
        {"128.0.0.1:80", FL_ERR_FORBIDDEN},
        {"", FL_ERR_RANGE},
        {"8765", FL_ERR_RANGE},
        {"127.0.0.1", FL_ERR_RANGE},
        {"127.0.0.1:", FL_ERR_RANGE},
        {"127.0.0.1:65536", FL_ERR_RANGE},
        {"127.0.0.1:80x", FL_ERR_RANGE},
        {"127.0.0.1:-1", FL_ERR_RANGE},
        {"::1:80", FL_ERR_RANGE},
        {"[::1:80", FL_ERR_RANGE},
        {":80", FL_ERR_RANGE},
        {"unix:", FL_ERR_RANGE},
        {"unix:@abstract", FL_ERR_RANGE},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fl_address address;
        struct fl_error error = {0};
        EXPECT_INT(fl_address_parse(table[i].text, &address, &error), table[i].err);
        EXPECT_INT(error.code, table[i].err);
        EXPECT(error.text[0] != '\0');
        if (table[i].err == FL_ERR_FORBIDDEN)
            EXPECT(strstr(error.text, "until tokens exist"));
    }
}

static void test_a_socket_path_has_at_most_107_bytes(void)
{
    char text[128] = "unix:";
    struct fl_address address;

    memset(text + 5, 'a', 107);
    EXPECT_INT(fl_address_parse(text, &address, NULL), FL_OK);
    text[5 + 107] = 'a';
    EXPECT_INT(fl_address_parse(text, &address, NULL), FL_ERR_RANGE);
}

static void test_urls_are_taken_apart(void)
{
    struct fl_url url;

    EXPECT(fl_url_parse("https://Lab.Example/x/y%20/", &url));
    EXPECT(url.https && url.authority.port == -1);
    EXPECT(strcmp(url.authority.host, "lab.example") == 0 && strcmp(url.path, "/x/y%20/") == 0);
    EXPECT(fl_url_parse("https://lab:443", &url) && url.authority.port == -1);
    EXPECT(fl_url_parse("https://lab:80/", &url) && url.authority.port == 80);
    EXPECT(fl_url_parse("http://lab:80", &url) && url.authority.port == -1 && !url.https);
    EXPECT(!fl_url_parse("lab/x", &url));
    EXPECT(!fl_url_parse("ftp://lab/", &url));
    EXPECT(!fl_url_parse("https://", &url));
    EXPECT(!fl_url_parse("https://me@lab/", &url));
    EXPECT(!fl_url_parse("https://lab/?x", &url));
    EXPECT(!fl_url_parse("https://lab/#x", &url));
    EXPECT(!fl_url_parse("https://lab:99999/", &url));
}

static struct fl_guard guard_of(const char *public_url, const char *origin)
{
    struct fl_guard guard;

    EXPECT_INT(fl_guard_init(&guard, public_url, &origin, origin ? 1 : 0, NULL), FL_OK);
    return guard;
}

static void test_hosts(void)
{
    static const struct {
        const char *host;
        bool alone, public; // without a public URL; with https://lab:8443/x/
    } table[] = {
        {"127.0.0.1", true, true},
        {"127.0.0.1:8765", true, true},
        {"localhost", true, true},
        {"LOCALHOST:1", true, true},
        {"[::1]", true, true},
        {"[::1]:99", true, true},
        {"127.250.0.9", true, true},
        {"", false, false},
        {"evil.example", false, false},
        {"127.0.0.1.evil", false, false},
        {"localhost.evil", false, false},
        {"evil.localhost", false, false},
        {"localhost:80:80", false, false},
        {"localhost evil", false, false},
        {"localhost,evil", false, false},
        {"me@localhost", false, false},
        {"0.0.0.0", false, false},
        {"[::]", false, false},
        {"[::1", false, false},
        {"::1", false, false},
        {"lab:8443", false, true},
        {"LAB:8443", false, true},
        {"lab", false, false},
        {"lab:443", false, false},
        {"lab:8443.evil", false, false},
        {"xlab:8443", false, false},
    };
    struct fl_guard alone = guard_of(NULL, NULL), public = guard_of("https://lab:8443/x/", NULL);
    struct fl_guard plain = guard_of("https://lab/", NULL);

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        EXPECT_INT(fl_guard_allows_host(&alone, table[i].host), table[i].alone);
        EXPECT_INT(fl_guard_allows_host(&public, table[i].host), table[i].public);
    }
    EXPECT(fl_guard_allows_host(&plain, "lab"));
    EXPECT(fl_guard_allows_host(&plain, "lab:443"));
    EXPECT(!fl_guard_allows_host(&plain, "lab:80"));
    alone.any_host = true;
    EXPECT(fl_guard_allows_host(&alone, "evil.example"));
    fl_guard_finish(&alone);
    fl_guard_finish(&public);
    fl_guard_finish(&plain);
}

static void test_origins(void)
{
    static const struct {
        const char *origin; // of a page; the guard knows https://lab/x/ and http://notes:8888
        bool allowed;
    } table[] = {
        {NULL, true}, // curl, ssh -L, our own clients
        {"http://127.0.0.1:1234", true},
        {"http://localhost", true},
        {"https://[::1]:99", true},
        {"https://lab", true},
        {"http://lab", true}, // the scheme that a proxy saw does not matter
        {"https://lab:443", true},
        {"http://notes:8888", true},
        {"http://NOTES:8888", true},
        {"null", false},
        {"", false},
        {"https://lab:8443", false},
        {"https://lab.evil", false},
        {"https://evil/lab", false},
        {"https://evil?https://lab", false},
        {"https://notes:8888", false}, // --origin is exact
        {"http://notes", false},
        {"http://notes:88888", false},
        {"http://127.0.0.1:7811.evil", false},
        {"http://127.0.0.1.evil:7811", false},
        {"http://localhost@evil", false},
        {"file://", false},
        {"http://", false},
        {"http://127.0.0.1/", false}, // no browser says so
        {"http://a, http://127.0.0.1", false},
        {"chrome-extension://abc", false},
    };
    struct fl_guard guard = guard_of("https://lab/x/", "http://notes:8888/");

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        EXPECT_INT(fl_guard_allows_origin(&guard, table[i].origin, "127.0.0.1:8765"),
                   table[i].allowed);
    fl_guard_finish(&guard);
}

static void test_a_page_of_the_same_host_is_allowed(void)
{
    // Behind a unix socket the Host may be any: the proxy's. The page must come from there.
    struct fl_guard guard = guard_of(NULL, NULL);

    EXPECT(fl_guard_allows_origin(&guard, "https://hub.example", "hub.example"));
    EXPECT(fl_guard_allows_origin(&guard, "https://hub.example", "hub.example:443"));
    EXPECT(fl_guard_allows_origin(&guard, "http://hub.example:8000", "hub.example:8000"));
    EXPECT(!fl_guard_allows_origin(&guard, "https://hub.example", "hub.example:8000"));
    EXPECT(!fl_guard_allows_origin(&guard, "https://evil.example", "hub.example"));
    EXPECT(!fl_guard_allows_origin(&guard, "https://evil.example", ""));
    fl_guard_finish(&guard);
}

static void test_who_may_connect_may_frame_the_page(void)
{
    static const char *const origins[] = {"https://Lab.example", "http://[2001:db8::1]:81"};
    struct fl_guard guard;
    struct fl_error error = {0};

    EXPECT_INT(fl_guard_init(&guard, NULL, origins, 2, &error), FL_OK);
    EXPECT(strcmp(guard.framers, "'self' http://localhost:* http://127.0.0.1:* https://lab.example "
                                 "http://[2001:db8::1]:81") == 0);
    fl_guard_finish(&guard);
    EXPECT_INT(fl_guard_init(&guard, "https://far.example/look", origins, 1, &error), FL_OK);
    EXPECT(strcmp(guard.framers, "'self' https://lab.example") == 0);
    fl_guard_finish(&guard);
}

static void test_many_origins_leave_room_in_the_header(void)
{
    static const char *origins[100];
    struct fl_guard guard;
    struct fl_error error = {0};

    for (size_t i = 0; i < 100; i++)
        origins[i] = "https://a-host-with-a-rather-long-name.department.university.example";
    EXPECT_INT(fl_guard_init(&guard, NULL, origins, 100, &error), FL_OK);
    EXPECT(strlen(guard.framers) < 4096 && strstr(guard.framers, origins[0]));
    EXPECT(fl_guard_allows_origin(&guard, origins[99], "localhost"));
    fl_guard_finish(&guard);
}

static void test_wrong_options_are_refused(void)
{
    static const char *const bad[] = {"lab", "https://lab/x", "null", "*", ""};
    struct fl_guard guard;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fl_error error = {0};
        EXPECT_INT(fl_guard_init(&guard, NULL, &bad[i], 1, &error), FL_ERR_RANGE);
        EXPECT(strstr(error.text, "--origin"));
        fl_guard_finish(&guard);
    }
    struct fl_error error = {0};
    EXPECT_INT(fl_guard_init(&guard, "lab/x", NULL, 0, &error), FL_ERR_RANGE);
    EXPECT(strstr(error.text, "--public-url"));
    fl_guard_finish(&guard);
}

int main(void)
{
    RUN(test_loopback_addresses_are_listened_on);
    RUN(test_other_addresses_are_refused_with_a_sentence);
    RUN(test_a_socket_path_has_at_most_107_bytes);
    RUN(test_urls_are_taken_apart);
    RUN(test_hosts);
    RUN(test_origins);
    RUN(test_a_page_of_the_same_host_is_allowed);
    RUN(test_who_may_connect_may_frame_the_page);
    RUN(test_many_origins_leave_room_in_the_header);
    RUN(test_wrong_options_are_refused);
    return 0;
}
