#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>

// A whole file mapped read-only, and guarded: where the file shrinks under us, a read sees zeros
// instead of ending the process, and the mapping says so from then on. Its owners share it; any
// thread may read its bytes. The guard is this process's SIGBUS handler, set with the first mapping.
struct fl_mapping;

enum fl_err fl_mapping_open(const char *path, struct fl_mapping **out,
                            struct fl_error *error) FL_CHECKED;
// One more owner, which closes it too; returns the mapping. NULL is fine.
struct fl_mapping *fl_mapping_share(struct fl_mapping *mapping);
void fl_mapping_close(struct fl_mapping *mapping); // the last owner's ends it; NULL is fine

const void *fl_mapping_bytes(const struct fl_mapping *mapping); // NULL for an empty file
size_t fl_mapping_len(const struct fl_mapping *mapping);

// Any thread. Whether what was read is not to be used any more: a read found the file shrunk.
bool fl_mapping_gone(const struct fl_mapping *mapping);
// The same, after asking the file system whether the file was cut or written since it was opened.
// One that was replaced by another file (renamed over) stays readable and is not gone.
bool fl_mapping_check(struct fl_mapping *mapping);
