#pragma once

#include <stdbool.h>
#include <stddef.h>

// Text as it stands in URLs and headers: letters, digits and the bytes of `plain` as they are, all others
// as %XX. False where `size` has no room for it, the terminator and three bytes more. Pure.
bool fl_percent_encode(const char *text, size_t len, const char *plain, char *out, size_t size);
