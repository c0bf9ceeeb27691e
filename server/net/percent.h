#pragma once

#include <stdbool.h>
#include <stddef.h>

// Text as it stands in URLs and headers. Pure. False where `size` has no room for it and its end: then
// `out` is not to be used.

// Letters, digits and the bytes of `plain` as they are, all others as %XX.
bool fl_percent_encode(const char *text, size_t len, const char *plain, char *out, size_t size);
// One more "key=value" of the query in `out`, or a key alone. The first = divides; those that follow
// belong to the value.
bool fl_percent_add(const char *pair, size_t len, char *out, size_t size);
