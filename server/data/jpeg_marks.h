#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the markers of a JPEG file tell beside its pixels. Pure; never reads beyond `len`.

// The EXIF orientation, 1 to 8; 1 (upright) where none is told.
int32_t fl_jpeg_marks_turn(const uint8_t *bytes, size_t len);

// Whether an end-of-image marker follows the first scan: false means that the file is cut off.
bool fl_jpeg_marks_end(const uint8_t *bytes, size_t len);
