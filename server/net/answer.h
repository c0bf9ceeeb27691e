#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>

struct fl_buf;

// What goes back to one HTTP request: the head and the first bytes of the body in one buffer, then
// the rest of a buffer that others may share. Pure but for allocation.

struct fl_asker {        // what of a request shapes its answer
    bool head_only;      // HEAD
    bool last;           // the connection ends with this answer
    const char *framers; // who may frame a page, as guard.h has it; borrowed; NULL: our own alone
    const char *allow;   // the methods of the path, for 405; borrowed; NULL: GET, HEAD
    char if_none_match[256]; // "" where there was none
};

struct fl_answer {
    struct fl_buf *first; // owned; NULL: there was no memory, hang up
    struct fl_buf *rest;  // owned reference or NULL
    size_t rest_at;       // where of `rest` to begin
    bool last;
};

void fl_answer_finish(struct fl_answer *answer); // zeroed is fine

struct fl_body {
    const char *type;
    const char *cache; // Cache-Control; NULL: "no-cache", asked for anew each time
    const char *save;  // Content-Disposition: what a browser calls it when it saves it; or NULL
    bool tagged;       // with an ETag of its bytes
    const void *front; // n_front bytes, copied
    size_t n_front;
    struct fl_buf *rest; // then this (a reference is taken) from `skip` on; or NULL
    size_t skip;
};

// 200, or 304 where the asker has these bytes already.
void fl_answer_body(struct fl_answer *out, const struct fl_asker *asker,
                    const struct fl_body *body);

// {"code", "message"} with the status of proto/README.md's table.
void fl_answer_error(struct fl_answer *out, const struct fl_asker *asker,
                     const struct fl_error *error);
void fl_answer_busy(struct fl_answer *out, const struct fl_asker *asker,
                    const struct fl_error *error); // 503 and Retry-After

// JSON text with another status than 200; never kept by anyone. NULL: there was no memory.
void fl_answer_json(struct fl_answer *out, const struct fl_asker *asker, unsigned status,
                    const char *text);

void fl_answer_redirect(struct fl_answer *out, const struct fl_asker *asker, const char *to);
