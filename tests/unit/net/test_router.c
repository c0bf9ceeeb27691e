#include "server/net/router.h"
#include "test.h"

static enum fl_err parse(const char *text, struct fl_path *out)
{
    struct fl_error error = {0};
    enum fl_err err = fl_path_parse(text, strlen(text), out, &error);

    EXPECT_INT(error.code, err);
    EXPECT((err == FL_OK) == (error.text[0] == '\0'));
    return err;
}

static enum fl_err find(enum fl_method method, const char *text, const char *base,
                        struct fl_route *out)
{
    struct fl_path path, prefix = {0};
    struct fl_error error = {0};

    EXPECT_INT(parse(text, &path), FL_OK);
    if (base)
        EXPECT_INT(parse(base, &prefix), FL_OK);
    return fl_route_find(method, &path, &prefix, out, &error);
}

static void test_every_route_of_the_table_is_found(void)
{
    static const struct {
        const char *path;
        enum fl_route_kind kind;
        enum fl_format format;
        const char *scene, *layer, *name;
    } table[] = {
        {"/", FL_ROUTE_ASSET, 0, "", "", "index.html"},
        {"/favicon.svg", FL_ROUTE_ASSET, 0, "", "", "favicon.svg"},
        {"/assets/app-1a.js", FL_ROUTE_ASSET, 0, "", "", "assets/app-1a.js"},
        {"/ws", FL_ROUTE_SOCKET, 0, "", "", ""},
        {"/healthz", FL_ROUTE_HEALTH, 0, "", "", ""},
        {"/readyz", FL_ROUTE_READY, 0, "", "", ""},
        {"/metrics", FL_ROUTE_METRICS, 0, "", "", ""},
        {"/api/v1/scenes", FL_ROUTE_SCENES, 0, "", "", ""},
        {"/api/v1/scenes/cat/picture", FL_ROUTE_PICTURE, 0, "cat", "", ""},
        {"/api/v1/scenes/a/maps/b/frame.jpg", FL_ROUTE_FRAME, FL_FORMAT_JPG, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/frame.png", FL_ROUTE_FRAME, FL_FORMAT_PNG, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/frame.npy", FL_ROUTE_FRAME, FL_FORMAT_NPY, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/vector.npy", FL_ROUTE_VECTOR, FL_FORMAT_NPY, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/vector.json", FL_ROUTE_VECTOR, FL_FORMAT_JSON, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/frame.json", FL_ROUTE_FRAME, FL_FORMAT_JSON, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/vector.csv", FL_ROUTE_VECTOR, FL_FORMAT_CSV, "a", "b", ""},
        {"/api/v1/scenes/a/maps/b/mask.png", FL_ROUTE_MASK, FL_FORMAT_PNG, "a", "b", ""},
        {"/api/v1/scenes/a%20b%C3%A9/maps/x%2Fy%25/mask.png", FL_ROUTE_MASK, FL_FORMAT_PNG,
         "a b\xc3\xa9", "x/y%", ""},
        {"/api/v1/scenes/ws/maps/picture/mask.png", FL_ROUTE_MASK, FL_FORMAT_PNG, "ws", "picture",
         ""},
    };
    static const char *const prefixes[][2] = {
        {NULL, ""},          {"/x/", ""},           {"/x/", "/x"},
        {"/x", "/x"},        {NULL, "/s/Abc_1-9"},  {"/a/b%40c/", "/a/b%40c"},
        {"/x/", "/x/s/abc"}, {"/a/b%40c/", "/s/1"}, {"/s/", "/s/s/1"},
    };

    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++)
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            char path[256];
            struct fl_route route;
            snprintf(path, sizeof path, "%s%s", prefixes[p][1], table[i].path);
            EXPECT_INT(find(FL_METHOD_GET, path, prefixes[p][0], &route), FL_OK);
            EXPECT_INT(route.kind, table[i].kind);
            EXPECT_INT(route.format, table[i].format);
            EXPECT(strcmp(route.scene, table[i].scene) == 0);
            EXPECT(strcmp(route.layer, table[i].layer) == 0);
            EXPECT(strcmp(route.name, table[i].name) == 0);
        }
}

static void test_what_is_no_route_is_not_found(void)
{
    static const char *const table[] = {
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/scenes",
        "/api/v1/scenes/",
        "/api/v1/scenes/a/pictures",
        "/api/v1/scenes/a/maps",
        "/api/v1/scenes/a/maps/b/frame",
        "/api/v1/scenes/a/maps/b/frame.gif",
        "/api/v1/scenes/a/maps/b/vector.png",
        "/api/v1/scenes/a/maps/b/frame.png/",
        "/api/v1/scenes/a/maps/b/c/frame.png",
        "/healthz/",
        "/ws/",
        "/a/b/c",
        "/assets/",
        "/assets%2Fapp.js",
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fl_route route;
        EXPECT_INT(find(FL_METHOD_GET, table[i], NULL, &route), FL_ERR_NOT_FOUND);
        // Also for a method that no route takes: what is not there has no methods.
        EXPECT_INT(find(FL_METHOD_OTHER, table[i], NULL, &route), FL_ERR_NOT_FOUND);
    }
}

static void test_a_folder_without_its_slash_is_redirected_relative_to_itself(void)
{
    static const char *const table[][3] = {
        {NULL, "/s/abc", "abc/"},
        {"/x/", "/x", "x/"},
        {"/x/", "/x/s/abc", "abc/"},
        {"/a/b:c%2F%40/", "/a/b:c%2F%40", "b%3Ac%2F%40/"}, // no scheme, no second slash
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fl_route route;
        EXPECT_INT(find(FL_METHOD_GET, table[i][1], table[i][0], &route), FL_OK);
        EXPECT_INT(route.kind, FL_ROUTE_REDIRECT);
        EXPECT(strcmp(route.name, table[i][2]) == 0);
    }
}

static void test_a_session_id_has_plain_letters_only(void)
{
    struct fl_route route;

    EXPECT_INT(find(FL_METHOD_GET, "/s/a%20b/healthz", NULL, &route), FL_ERR_NOT_FOUND);
    EXPECT_INT(find(FL_METHOD_GET, "/s/a%2Fb/healthz", NULL, &route), FL_ERR_NOT_FOUND);
    // Not a session without an id: a file that is not there.
    EXPECT_INT(find(FL_METHOD_GET, "/s", NULL, &route), FL_OK);
    EXPECT_INT(route.kind, FL_ROUTE_ASSET);
}

static void test_a_head_is_a_get_and_other_methods_are_refused(void)
{
    struct fl_route route;

    EXPECT_INT(find(FL_METHOD_HEAD, "/healthz", NULL, &route), FL_OK);
    EXPECT_INT(route.kind, FL_ROUTE_HEALTH);
    EXPECT_INT(find(FL_METHOD_OTHER, "/healthz", NULL, &route), FL_ERR_METHOD);
    EXPECT_INT(find(FL_METHOD_OTHER, "/ws", NULL, &route), FL_ERR_METHOD);
}

// Which methods a path takes, as bits 1 << method; the others are refused and told these.
static void expect_methods(const char *path, enum fl_route_kind kind, unsigned takes,
                           const char *allow)
{
    for (int method = FL_METHOD_GET; method <= FL_METHOD_OTHER; method++) {
        struct fl_route route;
        enum fl_err err = find((enum fl_method)method, path, NULL, &route);
        bool taken = takes & 1u << method;
        EXPECT_INT(err, taken ? FL_OK : FL_ERR_METHOD);
        EXPECT_INT(route.kind, taken ? (int)kind : 0);
        EXPECT_INT(route.method, taken ? method : 0);
        EXPECT(strcmp(route.allow, allow) == 0);
    }
}

static void test_what_is_stored_takes_put_and_delete(void)
{
    const unsigned reads = 1u << FL_METHOD_GET | 1u << FL_METHOD_HEAD;
    const unsigned deletes = 1u << FL_METHOD_DELETE, stores = 1u << FL_METHOD_PUT | deletes;
    static const char both[] = "GET, HEAD";

    expect_methods("/api/v1/scenes/a/maps/b", FL_ROUTE_MAP, stores, "PUT, DELETE");
    expect_methods("/api/v1/scenes/a/picture", FL_ROUTE_PICTURE, reads | stores,
                   "GET, HEAD, PUT, DELETE");
    expect_methods("/api/v1/scenes/a", FL_ROUTE_SCENE, deletes, "DELETE");
    expect_methods("/api/v1/scenes", FL_ROUTE_SCENES, reads, both);
    expect_methods("/api/v1/scenes/a/maps/b/mask.png", FL_ROUTE_MASK, reads, both);
    expect_methods("/", FL_ROUTE_ASSET, reads, both);
}

static void test_hostile_paths_are_refused(void)
{
    static const char *const table[] = {
        "",      "healthz", "//",        "//etc/passwd", "/a//b",     "/./a",   "/../a",
        "/a/..", "/a/.",    "/%2e%2e/a", "/a/%2E",       "/a/.%2e/b", "/%",     "/%4",
        "/%zz",  "/a%4",    "/a%",       "/%00",         "/a%00b",    "/a%0ab", "/a%7f",
        "/a\nb", "/a/\x1f", "/%-1",      "/% 1",         "/a/%2/b",   "/%%34",
    };
    struct fl_path path;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        EXPECT_INT(parse(table[i], &path), FL_ERR_RANGE);
        EXPECT_INT(path.n, 0);
    }
}

static void test_names_that_only_look_like_dots_are_names(void)
{
    struct fl_path path;

    EXPECT_INT(parse("/.../.a/..b/a..", &path), FL_OK);
    EXPECT_INT(path.n, 4);
    EXPECT(strcmp(path.names[0], "...") == 0);
    EXPECT(strcmp(path.names[2], "..b") == 0);
}

static void test_long_names_and_deep_paths_are_refused(void)
{
    char text[2 * FL_MAX_NAME];
    struct fl_path path;

    memset(text, 'a', sizeof text);
    text[0] = '/';
    text[FL_MAX_NAME] = '\0'; // FL_MAX_NAME - 1 letters
    EXPECT_INT(parse(text, &path), FL_OK);
    text[FL_MAX_NAME] = 'a';
    text[FL_MAX_NAME + 1] = '\0';
    EXPECT_INT(parse(text, &path), FL_ERR_RANGE);
    for (size_t i = 0; i < FL_PATH_NAMES; i++)
        memcpy(text + i * 2, "/a", 3);
    EXPECT_INT(parse(text, &path), FL_OK);
    EXPECT_INT(path.n, FL_PATH_NAMES);
    memcpy(text + strlen(text), "/a", 3);
    EXPECT_INT(parse(text, &path), FL_ERR_RANGE);
}

static void test_a_zero_byte_in_the_text_is_refused(void)
{
    struct fl_path path;

    EXPECT_INT(fl_path_parse("/a\0b", 4, &path, NULL), FL_ERR_RANGE);
}

int main(void)
{
    RUN(test_every_route_of_the_table_is_found);
    RUN(test_what_is_no_route_is_not_found);
    RUN(test_a_folder_without_its_slash_is_redirected_relative_to_itself);
    RUN(test_a_session_id_has_plain_letters_only);
    RUN(test_a_head_is_a_get_and_other_methods_are_refused);
    RUN(test_what_is_stored_takes_put_and_delete);
    RUN(test_hostile_paths_are_refused);
    RUN(test_names_that_only_look_like_dots_are_names);
    RUN(test_long_names_and_deep_paths_are_refused);
    RUN(test_a_zero_byte_in_the_text_is_refused);
    return 0;
}
