#pragma once

#include <stdbool.h>
#include <stdint.h>

// What files looked like at one moment, as a number that another moment's is compared with: made of
// (inode, size, time of the last change, name) of each, so that it costs no reading. Never 0 for what is
// there. Any thread. Private to server/data.

// The file at `path`; 0: there is none.
uint64_t fl_stamp_file(const char *path);

// The file at `path` and those beside it that share its name up to the first dot (a header and its
// values); 0: there is none at `path`.
uint64_t fl_stamp_family(const char *path);

// A file, or all there is in a directory down to `depth` directories below it, hidden names left
// out. *out is 0 where nothing is there. False: the file system does not tell just now.
bool fl_stamp_tree(const char *path, unsigned depth, uint64_t *out);

uint64_t fl_stamp_bytes(const void *bytes, uint64_t len);
