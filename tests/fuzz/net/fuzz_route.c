// Any request path, Host or Origin: no crash; what is accepted has names without dots, zero bytes
// and control characters, fits its fields, and is found alike behind a prefix.
#include "server/net/guard.h"
#include "server/net/router.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_names(const struct fl_path *path)
{
    for (size_t i = 0; i < path->n; i++) {
        const char *name = path->names[i];
        if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            abort();
        for (; *name; name++)
            if ((unsigned char)*name < 0x20 || *name == 0x7f)
                abort();
    }
}

static void check_path(const char *text, size_t len)
{
    static const char prefix[] = "/lab/s/abc";
    static const struct fl_path none;
    static char longer[65536];
    struct fl_path path, below, base;
    struct fl_route route, again;
    const void *here = &route, *there = &again; // zeroed before they were filled: equal bytes
    struct fl_error error = {0};

    enum fl_err err = fl_path_parse(text, len, &path, &error);
    if (err != error.code || (err != FL_OK) != (error.text[0] != 0))
        abort();
    if (err)
        return;
    check_names(&path);
    // A first name of "s" or "lab" would be read as another prefix.
    bool alike =
        path.n == 0 || (strcmp(path.names[0], "s") != 0 && strcmp(path.names[0], "lab") != 0);
    err = fl_route_find(FL_METHOD_GET, &path, &none, &route, NULL);
    if (!alike || path.n + 3 > FL_PATH_NAMES || len + sizeof prefix > sizeof longer)
        return;
    memcpy(longer, prefix, sizeof prefix - 1);
    memcpy(longer + sizeof prefix - 1, text, len);
    if (fl_path_parse("/lab/", 5, &base, NULL) != FL_OK ||
        fl_path_parse(longer, sizeof prefix - 1 + len, &below, NULL) != FL_OK ||
        fl_route_find(FL_METHOD_GET, &below, &base, &again, NULL) != err)
        abort();
    if (strcmp(again.session, err ? "" : "abc") != 0)
        abort();
    memset(again.session, 0, sizeof again.session); // the one difference
    if (memcmp(here, there, sizeof route) != 0)
        abort();
}

static void check_hosts(const char *text)
{
    static const char *const origins[] = {"https://notes:8888"};
    struct fl_guard guard;
    struct fl_authority host;
    struct fl_url url;

    if (fl_guard_init(&guard, "https://lab/", origins, 1, NULL) != FL_OK)
        abort();
    if (fl_guard_allows_host(&guard, text) &&
        (!fl_authority_parse(text, strlen(text), &host) ||
         (!fl_authority_is_loopback(&host) && strcmp(host.host, "lab") != 0)))
        abort();
    if (fl_guard_allows_origin(&guard, text, "127.0.0.1:8765") &&
        (!fl_url_parse(text, &url) ||
         (!fl_authority_is_loopback(&url.authority) && strcmp(url.authority.host, "lab") != 0 &&
          strcmp(url.authority.host, "notes") != 0)))
        abort();
    fl_guard_finish(&guard);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1); // of its own size: a read beyond it is seen

    if (!text)
        return 0;
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = '\0';
    check_path(text, len);
    check_hosts(text);
    free(text);
    return 0;
}
