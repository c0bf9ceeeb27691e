#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>

// A file in the making: it is written under a name of its own beside the place where it will be, and
// gets its own name when it is complete. So nobody ever sees half of it, and what was there before stays
// until then. One thread at a time.
struct fl_new_file;

// Whether a file could be made there, before work is put into it: refuses what is no plain file and,
// without `replace`, a path where there is something already.
enum fl_err fl_new_file_check(const char *path, bool replace, struct fl_error *error) FL_CHECKED;

// Checks that too.
enum fl_err fl_new_file_create(const char *path, bool replace, struct fl_new_file **out,
                               struct fl_error *error) FL_CHECKED;
// The name it is written under, for those who write by name.
const char *fl_new_file_name(const struct fl_new_file *file);
// Appends; FL_ERR_IO.
enum fl_err fl_new_file_write(struct fl_new_file *file, const void *bytes, size_t len,
                              struct fl_error *error) FL_CHECKED;
// It is complete: takes its place, with the rights of any new file. Ends the file, also when it
// fails; then nothing is left of it.
enum fl_err fl_new_file_keep(struct fl_new_file *file, struct fl_error *error) FL_CHECKED;
void fl_new_file_drop(struct fl_new_file *file); // nothing is left of it; NULL is fine
