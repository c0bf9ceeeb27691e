#include "guard.h"

#include "server/base/mem.h"

#include <stdio.h>
#include <string.h>

// Ports that mean the same on both sides: -1 stands for the scheme's own.
static bool is_same(const struct fl_authority *a, const struct fl_authority *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

// An origin is a URL without a path.
static bool parse_origin(const char *text, struct fl_url *out)
{
    return fl_url_parse(text, out) && out->path[0] == '\0';
}

enum { MOST_FRAMERS = 4096 }; // bytes: a header has no room for more

// A notebook's page on this machine (unless the public sees ours), and those of --origin; each may
// connect, so it may frame too.
static char *framers_of(const struct fl_guard *guard)
{
    static const char own[] = "'self'", local[] = "'self' http://localhost:* http://127.0.0.1:*";
    const size_t most = sizeof((struct fl_authority *)0)->host + 32;
    char *text = fl_calloc(sizeof local + guard->n_origins * most, 1);
    size_t len = (size_t)snprintf(text, sizeof local, "%s", guard->has_public ? own : local);

    for (size_t i = 0; i < guard->n_origins && len + most < MOST_FRAMERS; i++) {
        const struct fl_url *url = &guard->origins[i];
        bool is_v6 = strchr(url->authority.host, ':') != NULL;
        len += (size_t)snprintf(text + len, most, is_v6 ? " %s://[%s]" : " %s://%s",
                                url->https ? "https" : "http", url->authority.host);
        if (url->authority.port >= 0)
            len += (size_t)snprintf(text + len, 16, ":%d", (int)url->authority.port);
    }
    return text;
}

enum fl_err fl_guard_init(struct fl_guard *guard, const char *public_url,
                          const char *const *origins, size_t n_origins, struct fl_error *error)
{
    *guard = (struct fl_guard){0};
    if (public_url) {
        guard->has_public = true;
        if (!fl_url_parse(public_url, &guard->public))
            return fl_fail(error, FL_ERR_RANGE,
                           "\"%s\" is not a URL; give --public-url the address that browsers see, "
                           "such as https://lab.example.org/farlook/.",
                           public_url);
    }
    guard->origins = fl_calloc(n_origins ? n_origins : 1, sizeof *guard->origins);
    for (size_t i = 0; i < n_origins; i++) {
        struct fl_url *origin = &guard->origins[guard->n_origins++];
        bool fine = fl_url_parse(origins[i], origin);
        if (!fine || (origin->path[0] != '\0' && strcmp(origin->path, "/") != 0))
            return fl_fail(error, FL_ERR_RANGE,
                           "\"%s\" is not an origin; give --origin SCHEME://HOST[:PORT], such as "
                           "https://lab.example.org.",
                           origins[i]);
    }
    guard->framers = framers_of(guard);
    return FL_OK;
}

void fl_guard_finish(struct fl_guard *guard)
{
    free(guard->origins);
    free(guard->framers);
    *guard = (struct fl_guard){0};
}

bool fl_guard_allows_host(const struct fl_guard *guard, const char *host)
{
    struct fl_authority asked;

    if (guard->any_host)
        return true;
    if (!fl_authority_parse(host, strlen(host), &asked))
        return false;
    if (fl_authority_is_loopback(&asked))
        return true;
    if (asked.port == (guard->public.https ? 443 : 80))
        asked.port = -1;
    return guard->has_public && is_same(&asked, &guard->public.authority);
}

bool fl_guard_allows_origin(const struct fl_guard *guard, const char *origin, const char *host)
{
    struct fl_authority own;
    struct fl_url page;

    if (!origin)
        return true;
    if (!parse_origin(origin, &page)) // "null" among them
        return false;
    if (fl_authority_is_loopback(&page.authority))
        return true;
    if (guard->has_public && is_same(&page.authority, &guard->public.authority))
        return true;
    for (size_t i = 0; i < guard->n_origins; i++)
        if (guard->origins[i].https == page.https &&
            is_same(&guard->origins[i].authority, &page.authority))
            return true;
    if (!fl_authority_parse(host, strlen(host), &own))
        return false;
    if (own.port == (page.https ? 443 : 80))
        own.port = -1;
    return is_same(&own, &page.authority);
}
