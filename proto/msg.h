#pragma once

#include "state.h"

#include <stddef.h>
#include <stdint.h>

// The messages a client sends (proto/README.md), as C structs. Pure: no input/output, no logging,
// no threads, no allocation. The page and the Python helper are held to the same bytes by
// proto/vectors.

#define FL_PROTOCOL        "farlook.v1"
#define FL_MAX_FROM_CLIENT 65536u // bytes of a client's message
#define FL_MAX_BEFORE      1024u  // bytes before `hello` was accepted
#define FL_MAX_TEXT        128u   // bytes of a token, name or id, the terminator included

enum fl_msg_type {
    FL_MSG_HELLO,
    FL_MSG_OPEN,
    FL_MSG_SET,
    FL_MSG_PROBE,
    FL_MSG_ACK,
    FL_MSG_CLOSE,
    FL_MSG_PAUSE,
    FL_MSG_RESUME,
    FL_MSG_LEAD,
    FL_MSG_FOLLOW,
    FL_MSG_RELEASE,
    FL_MSG_TYPES
};

struct fl_msg {
    enum fl_msg_type type;
    bool has_view, has_seq; // decoding only: the key was there and in range
    union {
        struct {
            uint32_t v;
            char token[FL_MAX_TEXT], session[FL_MAX_TEXT], name[FL_MAX_TEXT], resume[FL_MAX_TEXT];
        } hello;
        struct {
            uint32_t view;
            char map[FL_MAX_NAME]; // "scene/layer"
        } open;
        struct {
            uint32_t view, seq;
            struct fl_set set;
        } set;
        struct {
            uint32_t view, seq;
            double at[2]; // picture coordinates
            bool has_from;
            double from[2]; // compare with this point instead of the view's reference
        } probe;
        struct {
            uint32_t frame, us; // us: what decoding took
        } ack;
        struct {
            uint32_t view;
        } close;
        struct {
            bool on;
        } follow;
    };
};

// Decodes one whole message; of a key that comes twice the last one counts. On an error *error
// says what is wrong, and what becomes of the connection depends on which it is:
//   FL_ERR_MALFORMED     the bytes are no message: it ends; *out is zeroed
//   FL_ERR_UNKNOWN_TYPE  it is answered and goes on; *out is zeroed
//   FL_ERR_RANGE         it is answered and goes on; *out has the type, has_view and has_seq, and
//                        where these are true the numbers, so that the answer can name them.
// `view` lies at the same place in open, set, probe and close, `seq` in set and probe: read
// close.view and probe.seq for any of them.
enum fl_err fl_msg_decode(const void *bytes, size_t len, struct fl_msg *out,
                          struct fl_error *error) FL_CHECKED;

// Writes at most `size` bytes; returns the length, or 0 when it does not fit or an enum has no
// name. The same bytes as the page's encoder writes. (C clients, tests.)
size_t fl_msg_encode(const struct fl_msg *msg, void *bytes, size_t size) FL_CHECKED;
