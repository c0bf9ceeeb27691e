#pragma once

#include "proto/err.h"

#include <stddef.h>
#include <stdint.h>

// The entries of a zip file in memory, through libzip, with the checks that a file from anywhere
// needs. One thread at a time.
struct fl_zip;

// The bytes are borrowed for the zip's life. `what` names it in sentences. FL_ERR_FORMAT.
enum fl_err fl_zip_open(const char *what, const void *bytes, size_t len, struct fl_zip **out,
                        struct fl_error *error) FL_CHECKED;
void fl_zip_close(struct fl_zip *zip); // NULL is fine

const char *fl_zip_what(const struct fl_zip *zip);

// The entry's place and unpacked size. FL_ERR_NOT_FOUND when there is none of this name. Refused,
// before anything is unpacked: encryption, methods other than stored and deflated, a size above
// `most` or that so few packed bytes cannot hold.
enum fl_err fl_zip_find(struct fl_zip *zip, const char *name, uint64_t most, uint64_t *at,
                        size_t *size, struct fl_error *error) FL_CHECKED;

// Every entry, in the directory's order. Names are the file's bytes, borrowed; NULL where there is
// none. fl_zip_entry checks as fl_zip_find does.
uint64_t fl_zip_count(const struct fl_zip *zip);
const char *fl_zip_name(struct fl_zip *zip, uint64_t at);
enum fl_err fl_zip_entry(struct fl_zip *zip, uint64_t at, uint64_t most, size_t *size,
                         struct fl_error *error) FL_CHECKED;

// What is read from now on tells how far it is; borrowed, NULL: nobody watches.
struct fl_progress;
void fl_zip_watch(struct fl_zip *zip, const struct fl_progress *progress);

// The entry's first `len` bytes. When that is all of it, its checksum is verified too.
enum fl_err fl_zip_read(struct fl_zip *zip, uint64_t at, void *out, size_t len,
                        struct fl_error *error) FL_CHECKED;
