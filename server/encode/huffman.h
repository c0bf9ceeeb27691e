#pragma once

#include <stddef.h>
#include <stdint.h>

// Codes of few bits for frequent symbols, as deflate wants them (RFC 1951, 3.2.2). Pure; any thread.

enum {
    FL_HUFFMAN_SYMBOLS = 288, // at most
    FL_HUFFMAN_BITS = 15,     // of a code
};

// How many bits each of n symbols takes, 0 for those that never occur; none more than `most`. At least two
// get a code, and codes are always complete: decoders refuse others.
void fl_huffman_lengths(const uint32_t *counts, size_t n, unsigned most, uint8_t *lengths);

// The codes of these lengths, their first bit lowest.
void fl_huffman_codes(const uint8_t *lengths, size_t n, uint16_t *codes);
