#pragma once

#include "image_file.h"

#include "proto/err.h"

// JPEG files from memory through TurboJPEG. Pictures come upright: turned by their EXIF
// orientation, as browsers show them. Pure but for the allocation: any thread.

bool fl_jpeg_is(const uint8_t *bytes, size_t len);

// FL_ERR_FORMAT, FL_ERR_TOO_BIG, and FL_ERR_UNSUPPORTED for CMYK.
enum fl_err fl_jpeg_head(const struct fl_image_file *file, struct fl_image_head *out,
                         struct fl_error *error) FL_CHECKED;
// w * h * 3 bytes of RGB. A file that is cut off is refused; small damage is logged.
enum fl_err fl_jpeg_read_rgb(const struct fl_image_file *file, const struct fl_image_head *head,
                             uint8_t *rgb, struct fl_error *error) FL_CHECKED;
