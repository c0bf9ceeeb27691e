#pragma once

#include "reader.h"
#include "state.h"

// One value as a message or a query says it, before anyone asked whether it is in range: what
// proto/field.h turns into a member of a struct. Pure.

enum fl_form {
    FL_FORM_FLAG,
    FL_FORM_NUMBER,
    FL_FORM_TEXT,
    FL_FORM_NUMBERS, // [a, b, ...]
    FL_FORM_TRIPLES, // [[a, b, c], ...]; in a query a,b,c,...
    FL_FORM_NAMED    // ["name", a, b, ...]
};

struct fl_value {
    bool null;
    bool misfit; // more or longer than any field takes, or not finite: out of every range
    bool flag;
    char text[FL_MAX_NAME]; // TEXT, the name of NAMED
    uint32_t n;             // numbers; TRIPLES: three for each
    double numbers[3 * FL_MAX_REFS];
};

// Reads one value of this form, or null. False: a mistake in the bytes (then fl_reader_ok is
// false too), another type, or a string that is not UTF-8 text.
bool fl_value_read(struct fl_reader *r, enum fl_form form, struct fl_value *out);

// The same from a query's value, already decoded: true, false, 1, 0; 10.5; 10,20; percentile,2,98.
// Nothing and "null" are null, except as TEXT. False: it is not of this form.
bool fl_value_parse(const char *text, enum fl_form form, struct fl_value *out);
