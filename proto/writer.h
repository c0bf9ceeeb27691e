#pragma once

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_buf;

// One message to a client while it is written: growing bytes. msgpack-c's errors are kept in `failed`,
// so that a message is written first and asked about once. Owned by whoever writes it; one thread.
struct fl_writer {
    struct fl_buf *buf; // owned
    bool failed;
    msgpack_packer pk;
};

// Of so many keys. False without memory. *w stays where it is until finish: the packer points to it.
bool fl_writer_start(struct fl_writer *w, size_t pairs);
struct fl_buf *fl_writer_finish(struct fl_writer *w); // the caller's; NULL: no memory, or too long

// Keys with values. What is not UTF-8 becomes '?': every string of a message is text. NaN is null.
void fl_writer_text(struct fl_writer *w, const char *key, const char *value);
void fl_writer_number(struct fl_writer *w, const char *key, uint64_t value);
void fl_writer_flag(struct fl_writer *w, const char *key, bool value);
void fl_writer_nothing(struct fl_writer *w, const char *key);
void fl_writer_real(struct fl_writer *w, const char *key, double value);
void fl_writer_real_or_nothing(struct fl_writer *w, const char *key, bool has, double value);
void fl_writer_reals(struct fl_writer *w, const char *key, const double *values, size_t n);
void fl_writer_cells(struct fl_writer *w, const char *key, const int32_t *values, size_t n);
void fl_writer_cell(struct fl_writer *w, const char *key, bool has, const int32_t *value);
// n words of 32 bits, little-endian whatever this machine is.
void fl_writer_words(struct fl_writer *w, const char *key, const void *values, size_t n);

// A key, or a value, alone.
void fl_writer_put_text(struct fl_writer *w, const char *text);
void fl_writer_put_flag(struct fl_writer *w, bool value);
