#include "router.h"

#include "percent.h"

#include <stdio.h>
#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The bytes of one name; the length, or -1 where they are not to be accepted.
static int decode_name(const char *text, size_t len, char out[FL_MAX_NAME])
{
    int n = 0;

    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex(text[i + 1]) : -1, low = high >= 0 ? hex(text[i + 2]) : -1;
            if (low < 0)
                return -1;
            c = high * 16 + low;
            i += 2;
        }
        if (c < 0x20 || c == 0x7f || n == FL_MAX_NAME - 1)
            return -1;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return n;
}

static bool is_good_name(const char *text, size_t len, char out[FL_MAX_NAME])
{
    return decode_name(text, len, out) > 0 && strcmp(out, ".") != 0 && strcmp(out, "..") != 0;
}

enum fl_err fl_path_parse(const char *text, size_t len, struct fl_path *out, struct fl_error *error)
{
    size_t at = 0;

    memset(out, 0, sizeof *out);
    while (at < len && text[at] == '/') {
        const char *name = text + at + 1;
        const char *slash = memchr(name, '/', len - at - 1);
        size_t n = slash ? (size_t)(slash - name) : len - at - 1;
        at += n + 1;
        out->folder = n == 0 && at == len;
        if (out->folder)
            return FL_OK;
        if (out->n == FL_PATH_NAMES || !is_good_name(name, n, out->names[out->n++]))
            goto fail;
    }
    if (len > 0 && at == len)
        return FL_OK;
fail:
    memset(out, 0, sizeof *out);
    return fl_fail(error, FL_ERR_RANGE,
                   "This path is not well formed; percent-encode every name, at most %d bytes of "
                   "at most %d names.",
                   FL_MAX_NAME - 1, FL_PATH_NAMES);
}

// What is left of a path; `at` moves on as parts of it are recognised.
struct rest {
    const struct fl_path *path;
    size_t at;
};

static bool is_next(const struct rest *rest, size_t ahead, const char *name)
{
    size_t at = rest->at + ahead;
    return at < rest->path->n && strcmp(rest->path->names[at], name) == 0;
}

static size_t names_left(const struct rest *rest)
{
    return rest->path->n - rest->at;
}

static bool skip_base(struct rest *rest, const struct fl_path *base)
{
    for (size_t i = 0; i < base->n; i++)
        if (!is_next(rest, i, base->names[i]))
            return false;
    rest->at += base->n;
    return base->n > 0;
}

static bool is_session_id(const char *text)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t len = strlen(text);
    return len < FL_MAX_SESSION && strspn(text, fine) == len;
}

static bool skip_session(struct rest *rest, struct fl_route *out)
{
    if (!is_next(rest, 0, "s") || names_left(rest) < 2 ||
        !is_session_id(rest->path->names[rest->at + 1]))
        return false;
    snprintf(out->session, sizeof out->session, "%s", rest->path->names[rest->at + 1]);
    rest->at += 2;
    return true;
}

// "abc/" for "/s/abc": its pages name everything relative to the slash.
static void redirect_to_folder(const struct fl_path *path, struct fl_route *out)
{
    const char *name = path->names[path->n - 1];
    char encoded[3 * FL_MAX_NAME + 1] = ""; // three bytes for each: it fits

    out->kind = FL_ROUTE_REDIRECT;
    (void)fl_percent_encode(name, strlen(name), "-._", encoded, sizeof encoded);
    snprintf(out->name, sizeof out->name, "%s/", encoded);
}

static bool find_whole(const struct rest *rest, struct fl_route *out)
{
    static const struct {
        const char *name;
        enum fl_route_kind kind;
    } table[] = {
        {"ws", FL_ROUTE_SOCKET},
        {"healthz", FL_ROUTE_HEALTH},
        {"readyz", FL_ROUTE_READY},
        {"metrics", FL_ROUTE_METRICS},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (names_left(rest) == 1 && is_next(rest, 0, table[i].name)) {
            out->kind = table[i].kind;
            return true;
        }
    return false;
}

static bool find_export(const char *file, struct fl_route *out)
{
    static const struct {
        const char *file;
        enum fl_route_kind kind;
        enum fl_format format;
    } table[] = {
        {"frame.jpg", FL_ROUTE_FRAME, FL_FORMAT_JPG},
        {"frame.png", FL_ROUTE_FRAME, FL_FORMAT_PNG},
        {"frame.npy", FL_ROUTE_FRAME, FL_FORMAT_NPY},
        {"frame.json", FL_ROUTE_FRAME, FL_FORMAT_JSON},
        {"vector.npy", FL_ROUTE_VECTOR, FL_FORMAT_NPY},
        {"vector.json", FL_ROUTE_VECTOR, FL_FORMAT_JSON},
        {"vector.csv", FL_ROUTE_VECTOR, FL_FORMAT_CSV},
        {"mask.png", FL_ROUTE_MASK, FL_FORMAT_PNG},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(file, table[i].file) == 0) {
            out->kind = table[i].kind;
            out->format = table[i].format;
            return true;
        }
    return false;
}

// Behind "api/v1": scenes, scenes/S, scenes/S/picture, scenes/S/maps/M, scenes/S/maps/M/FILE.
static bool find_api(const struct rest *rest, struct fl_route *out)
{
    const char(*names)[FL_MAX_NAME] = rest->path->names + rest->at;
    size_t n = names_left(rest);

    if (n < 1 || strcmp(names[0], "scenes") != 0)
        return false;
    out->kind = FL_ROUTE_SCENES;
    if (n == 1)
        return true;
    memcpy(out->scene, names[1], sizeof out->scene);
    out->kind = FL_ROUTE_SCENE;
    if (n == 2)
        return true;
    out->kind = FL_ROUTE_PICTURE;
    if (n == 3)
        return strcmp(names[2], "picture") == 0;
    if (n > 5 || strcmp(names[2], "maps") != 0)
        return false;
    memcpy(out->layer, names[3], sizeof out->layer);
    out->kind = FL_ROUTE_MAP;
    return n == 4 || find_export(names[4], out);
}

// The page's own files lie at most one folder deep; a slash within a name is no folder.
static bool find_asset(const struct rest *rest, struct fl_route *out)
{
    const char(*names)[FL_MAX_NAME] = rest->path->names + rest->at;
    size_t n = names_left(rest);

    if (n > 2 || (n > 0 && strchr(names[0], '/')) || (n > 1 && strchr(names[1], '/')))
        return false;
    out->kind = FL_ROUTE_ASSET;
    snprintf(out->name, sizeof out->name, "%s%s%s", n > 0 ? names[0] : "index.html",
             n > 1 ? "/" : "", n > 1 ? names[1] : "");
    return true;
}

static bool find(const struct fl_path *path, const struct fl_path *base, struct fl_route *out)
{
    struct rest rest = {path, 0};
    bool prefixed = skip_base(&rest, base);

    prefixed = skip_session(&rest, out) || prefixed;
    if (names_left(&rest) == 0) {
        if (prefixed && !path->folder)
            redirect_to_folder(path, out);
        else
            find_asset(&rest, out);
        return true;
    }
    if (path->folder)
        return false;
    if (find_whole(&rest, out))
        return true;
    if (is_next(&rest, 0, "api")) {
        if (!is_next(&rest, 1, "v1"))
            return false;
        rest.at += 2;
        return find_api(&rest, out);
    }
    return find_asset(&rest, out);
}

static bool takes(struct fl_route *route, enum fl_method method)
{
    bool reads = method == FL_METHOD_GET || method == FL_METHOD_HEAD;
    bool stores = method == FL_METHOD_PUT || method == FL_METHOD_DELETE;

    route->allow = "GET, HEAD";
    if (route->kind == FL_ROUTE_PICTURE) {
        route->allow = "GET, HEAD, PUT, DELETE";
        return reads || stores;
    }
    if (route->kind == FL_ROUTE_MAP) {
        route->allow = "PUT, DELETE";
        return stores;
    }
    if (route->kind == FL_ROUTE_SCENE) {
        route->allow = "DELETE";
        return method == FL_METHOD_DELETE;
    }
    return reads;
}

enum fl_err fl_route_find(enum fl_method method, const struct fl_path *path,
                          const struct fl_path *base, struct fl_route *out, struct fl_error *error)
{
    struct fl_route route;

    memset(&route, 0, sizeof route);
    *out = route;
    if (!find(path, base, &route))
        return fl_fail(error, FL_ERR_NOT_FOUND,
                       "There is nothing at this path; the page is at ./ and the scenes are listed "
                       "at api/v1/scenes.");
    route.method = method;
    if (!takes(&route, method)) {
        out->allow = route.allow;
        return fl_fail(error, FL_ERR_METHOD, "This path takes %s only.", route.allow);
    }
    *out = route;
    return FL_OK;
}
