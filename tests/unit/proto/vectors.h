#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// proto/vectors for tests: proto/vectors/README.md has the conventions. A mistake in a file ends
// the program with a sentence.

#define VECTORS_MAX 4096 // bytes of the longest message

json_t *vectors_load_json(const char *path); // below the source's root; the caller decrefs

// Bytes of hex digits in pairs; returns how many.
size_t vectors_unhex(const char *hex, uint8_t *out, size_t size);

// Whether two structs that were zeroed before they were filled are equal, padding and all.
bool vectors_same_bytes(const void *a, const void *b, size_t size);

// A message's JSON as MessagePack, in the order of its keys, by msgpack-c; returns the length.
size_t vectors_pack(json_t *message, uint8_t *out, size_t size);
