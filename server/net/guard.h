#pragma once

#include "address.h"

// Who may talk to this server: the Host and Origin headers, against pages that are not ours
// (DNS rebinding, cross-site WebSockets). Pure; never changes once it is made.

struct fl_guard {
    bool any_host;          // a unix socket: whoever reaches it was let in by the file system
    bool has_public;        // --public-url
    struct fl_url public;   // its host is allowed
    struct fl_url *origins; // --origin; owned
    size_t n_origins;
    // Owned; the origins whose pages may frame ours, as a Content-Security-Policy has them.
    char *framers;
};

// `public_url` may be NULL. Refuses what is not a URL with a sentence.
enum fl_err fl_guard_init(struct fl_guard *guard, const char *public_url,
                          const char *const *origins, size_t n_origins,
                          struct fl_error *error) FL_CHECKED;
void fl_guard_finish(struct fl_guard *guard); // zeroed is fine

// The Host header ("" where there was none): a loopback name with any port, or the public one.
bool fl_guard_allows_host(const struct fl_guard *guard, const char *host);

// The Origin header (NULL where there was none: not a page) of a request with this Host. Allowed:
// none, pages of the same host and port, of a loopback name, of the public URL's host, of --origin.
bool fl_guard_allows_origin(const struct fl_guard *guard, const char *origin, const char *host);
