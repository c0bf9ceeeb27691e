#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the readers of picture files (png_read, jpeg_read) share. Private to server/data.

struct fl_image_file { // borrowed bytes of a whole file
    const uint8_t *bytes;
    size_t len;
    const char *what; // begins every sentence: the file's name
};

struct fl_image_head {
    int32_t w, h;     // as it is to be seen: turned upright
    int32_t turn;     // the EXIF orientation, 1 (upright) to 8
    bool alpha;       // has transparent pixels or may have
    uint64_t scratch; // bytes that decoding takes besides w * h * 3, at most
};

// A picture's sides and area: more is refused before anything is decoded.
#define FL_IMAGE_MAX_SIDE   1048576
#define FL_IMAGE_MAX_PIXELS ((uint64_t)1 << 28)
