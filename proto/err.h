#pragma once

#include <stddef.h>

// Every fallible function returns one of these; FL_OK is 0 so `if (err)` reads naturally.
// The numbers travel in `error` messages and HTTP bodies: append only, never renumber.
// proto/README.md lists what each means to a client.
enum fl_err {
    FL_OK = 0,
    FL_ERR_MALFORMED = 1,    // bytes that are not a message
    FL_ERR_UNKNOWN_TYPE = 2, // a message type this version does not know
    FL_ERR_RANGE = 3,        // a value outside what proto/README.md allows
    FL_ERR_NOT_FOUND = 4,    // no such scene, layer, view or route
    FL_ERR_UNSUPPORTED = 5,  // understood, but this server cannot do it
    FL_ERR_TOO_BIG = 6,      // over a limit or the memory there is
    FL_ERR_FORMAT = 7,       // a file that breaks its format
    FL_ERR_IO = 8,           // the operating system said no
    FL_ERR_GPU = 9,          // no usable GPU, or it failed
    FL_ERR_GONE = 10,        // a file shrank or went away under us
    FL_ERR_ORDER = 11,       // a message before `hello`, or `hello` twice
    FL_ERR_FLOOD = 12,       // more than the limits allow
    FL_ERR_FORBIDDEN = 13,   // Host, Origin or role does not allow it
    FL_ERR_VERSION = 14,     // a protocol version this server does not speak
    FL_ERR_TIE = 15,         // a layout that cannot be decided
    FL_ERR_TIMEOUT = 16,     // nothing came for too long
    FL_ERR_METHOD = 17,      // an HTTP method the route does not take
};

#define FL_CHECKED __attribute__((warn_unused_result))

// A short English text, never NULL.
const char *fl_err_str(enum fl_err err);

// An error with the sentence a person reads: what is wrong, and what to do.
struct fl_error {
    enum fl_err code;
    char text[480];
};

// Fills *error (NULL is fine) and returns `code`, so that `return fl_fail(error, ...)` reads well. Of a
// sentence that is too long the beginning and the end are kept.
enum fl_err fl_fail(struct fl_error *error, enum fl_err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
