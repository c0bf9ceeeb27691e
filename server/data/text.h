#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Small texts: paths, names, sizes for people. All but the static ones are the caller's to free().

char *fl_text_copy(const char *text);
char *fl_text_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// What stands behind the last '/'; text itself without one. Borrowed from text.
const char *fl_text_base(const char *path);
// Whether the name ends in "." and one of these, in any case; `extensions` ends with NULL.
bool fl_text_has_extension(const char *name, const char *const *extensions);
// For qsort over char *: "a2" before "a10".
int fl_text_natural_order(const void *first, const void *second);

// "12.5 GiB" into out, which it returns.
#define FL_TEXT_SIZE 32
char *fl_text_size(char out[FL_TEXT_SIZE], uint64_t bytes);
