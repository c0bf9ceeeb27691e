#pragma once

#include "image_file.h"

#include "proto/err.h"

// PNG files from memory through libpng, which is kept from taking more memory than the size that
// was checked. Pure but for the allocation: any thread.

bool fl_png_is(const uint8_t *bytes, size_t len);

// The picture's size and kind. FL_ERR_FORMAT and FL_ERR_TOO_BIG.
enum fl_err fl_png_head(const struct fl_image_file *file, struct fl_image_head *out,
                        struct fl_error *error) FL_CHECKED;
// w * h * 3 bytes of RGB: any PNG; 16 bits are rounded to 8, alpha is laid over white.
enum fl_err fl_png_read_rgb(const struct fl_image_file *file, const struct fl_image_head *head,
                            uint8_t *rgb, struct fl_error *error) FL_CHECKED;

#define FL_PNG_HEAD 33 // bytes that fl_png_check_tile needs

// Tiles of an IFeaLiD data set carry numbers in the bytes of 8-bit RGBA pixels. The first function
// sees by the first FL_PNG_HEAD bytes whether this is such a PNG of w x h pixels; the second
// reads its w * h * 4 bytes exactly as they are stored.
enum fl_err fl_png_check_tile(const struct fl_image_file *file, int32_t w, int32_t h,
                              struct fl_error *error) FL_CHECKED;
enum fl_err fl_png_read_tile(const struct fl_image_file *file, int32_t w, int32_t h, uint8_t *rgba,
                             struct fl_error *error) FL_CHECKED;
