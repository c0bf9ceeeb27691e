#pragma once

#include "err.h"
#include "value.h"

#include <msgpack.h>

// A key of a message and the struct member behind it: the one table of names and ranges that
// messages, queries and their error sentences are made from. Pure; private to proto.

enum fl_field_kind {
    FL_FIELD_U32,   // whole number from 0 to max
    FL_FIELD_REAL,  // double from 0 to max
    FL_FIELD_FLAG,  // bool
    FL_FIELD_TEXT,  // char[max]
    FL_FIELD_NAME,  // an enum: its place in `names`, which are max
    FL_FIELD_POINT, // double[2]
    // These know their members of struct fl_set.
    FL_FIELD_REF,
    FL_FIELD_REFS,
    FL_FIELD_REGION,
    FL_FIELD_STRETCH,
    FL_FIELD_WINDOW,
    FL_FIELD_SIZE,
    FL_FIELD_COLORMAP
};

struct fl_field {
    const char *key; // NULL ends a table
    const char *const *names;
    size_t offset; // in struct fl_msg; in struct fl_set for the fields of `set`
    size_t has;    // offset of a bool that says whether it came; 0: there is none
    enum fl_field_kind kind;
    uint32_t max;
    uint32_t bit; // enum fl_state_field
    bool optional;
};

extern const struct fl_field fl_set_fields[]; // what `set` may change, in README.md's order

const struct fl_field *fl_field_find(const struct fl_field *fields, struct fl_span key);
enum fl_form fl_field_form(const struct fl_field *field);

// Stores the value into the struct the table is about. False: out of range, and the struct may
// be half changed. fl_field_takes_null says whether null is of this field's type at all.
bool fl_field_put(const struct fl_field *field, const struct fl_value *value, void *base);
bool fl_field_takes_null(const struct fl_field *field);

// "'opacity' must be a number from 0 to 1."; fl_field_range is what comes after "must be".
enum fl_err fl_field_refuse(const struct fl_field *field, enum fl_err code, struct fl_error *error);
void fl_field_range(const struct fl_field *field, char *out, size_t size);

// The way back: whether the struct holds a value to send, and key and value packed (0: done).
bool fl_field_is_said(const struct fl_field *field, const void *base);
int fl_field_pack(const struct fl_field *field, const void *base, msgpack_packer *pk);
int fl_pack_text(msgpack_packer *pk, const char *text);
