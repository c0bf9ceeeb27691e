#pragma once

#include "proto/err.h"
#include "proto/state.h"

#include <stdbool.h>
#include <stddef.h>

// From a request line to what is wanted. Pure.

enum { FL_PATH_NAMES = 16 };

// A path taken apart: "/a%2Fb/c" has the names "a/b" and "c".
struct fl_path {
    char names[FL_PATH_NAMES][FL_MAX_NAME];
    size_t n;
    bool folder; // it ended with a slash
};

// `text` is percent-encoded and starts with a slash. Refused: wrong or zero %XX, control
// characters, "." and ".." (encoded or not), empty names within, names or paths that are too long.
enum fl_err fl_path_parse(const char *text, size_t len, struct fl_path *out,
                          struct fl_error *error) FL_CHECKED;

enum fl_method { FL_METHOD_GET, FL_METHOD_HEAD, FL_METHOD_PUT, FL_METHOD_DELETE, FL_METHOD_OTHER };

enum fl_route_kind {
    FL_ROUTE_ASSET, // the page and its files
    FL_ROUTE_REDIRECT,
    FL_ROUTE_SOCKET,
    FL_ROUTE_HEALTH,
    FL_ROUTE_READY,
    FL_ROUTE_METRICS,
    FL_ROUTE_SCENES,
    FL_ROUTE_PICTURE,
    FL_ROUTE_FRAME,
    FL_ROUTE_VECTOR,
    FL_ROUTE_MASK,
    FL_ROUTE_MAP,   // to be stored or deleted
    FL_ROUTE_SCENE, // to be deleted
};

enum fl_format {
    FL_FORMAT_NONE,
    FL_FORMAT_JPG,
    FL_FORMAT_PNG,
    FL_FORMAT_NPY,
    FL_FORMAT_JSON,
    FL_FORMAT_CSV
};

enum { FL_MAX_SESSION = 65 }; // bytes of an ID, the terminator included

struct fl_route {
    enum fl_route_kind kind;
    enum fl_method method;
    const char *allow;              // the methods that the path takes, also where another was used
    enum fl_format format;          // of FRAME and VECTOR
    char session[FL_MAX_SESSION];   // the ID of "/s/ID" in front; "": none
    char scene[FL_MAX_NAME];        // PICTURE, FRAME, VECTOR, MASK, MAP, SCENE
    char layer[FL_MAX_NAME];        // FRAME, VECTOR, MASK, MAP
    char name[3 * FL_MAX_NAME + 2]; // ASSET: the file; REDIRECT: where to, relative to this path
};

// `base` is the path of --public-url (n may be 0); a proxy may have taken it off already. Behind
// it "/s/ID" is accepted in front of every route. On an error *out is zeroed but for `allow`.
enum fl_err fl_route_find(enum fl_method method, const struct fl_path *path,
                          const struct fl_path *base, struct fl_route *out,
                          struct fl_error *error) FL_CHECKED;
