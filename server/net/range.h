#pragma once

#include "server/data/keeper.h"

// What a request says of the bytes that it brings. Pure.

// "bytes FIRST-LAST/TOTAL" (LAST included) with `len` bytes in the body; NULL: all of them. Refused: what is
// not that, does not fit the length, or is over FL_UPLOAD_PIECE.
enum fl_err fl_range_parse(const char *text, uint64_t len, struct fl_piece *out,
                           struct fl_error *error) FL_CHECKED;

// A whole number in digits alone.
bool fl_range_number(const char *text, uint64_t *out);
