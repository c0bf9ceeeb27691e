#pragma once

#include <stddef.h>
#include <stdint.h>

// Text chunks of a PNG (what made the picture), written by hand: the pictures come from the
// encoder finished, and their text goes right behind the first 33 bytes, FL_PNG_HEAD. Pure.

enum { FL_PNG_HEAD = 33 }; // signature and IHDR

struct fl_text {
    uint8_t *bytes;
    size_t size; // of bytes
    size_t len;  // what was wanted so far; above `size`: it did not fit
};

// Appends one chunk: tEXt where `value` is ASCII, else iTXt (UTF-8). `key`: 1 to 79 ASCII letters.
void fl_png_text_add(struct fl_text *text, const char *key, const char *value);

uint32_t fl_png_crc(const uint8_t *bytes, size_t len); // of PNG (ISO 3309), over type and data
