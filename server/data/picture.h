#pragma once

#include "proto/err.h"

#include <stdint.h>

struct fl_buf;

// An input picture: JPEG or PNG (its content decides, not its name), or drawn by us. Its size is
// known from the start, its pixels once loaded. Upright: turned by a JPEG's EXIF orientation, as
// browsers show it. Shared by reference count (any thread).
struct fl_picture;

// Reads the header alone; refuses more than 2^28 pixels.
enum fl_err fl_picture_open(const char *path, struct fl_picture **out,
                            struct fl_error *error) FL_CHECKED;
// The same from a file's bytes in memory, of which it keeps a reference. `what` names it in
// sentences.
enum fl_err fl_picture_open_bytes(struct fl_buf *bytes, const char *what, struct fl_picture **out,
                                  struct fl_error *error) FL_CHECKED;
struct fl_picture *fl_picture_of(const uint8_t *rgb, int32_t w,
                                 int32_t h); // copies; NULL without memory

// One whose pixels are made when it is loaded, by `decode` (loader thread): w * h * 3 bytes.
struct fl_picture_maker {
    enum fl_err (*decode)(void *user, uint8_t *rgb, struct fl_error *error);
    void (*finish)(void *user); // called once when the picture has no more use for user
    void *user;                 // owned by the picture, ended with finish
    uint64_t scratch;           // bytes that decode takes besides the pixels
};
// `what` names it in sentences. w and h are at least 1 and their product is at most 2^28.
struct fl_picture *fl_picture_made(const char *what, int32_t w, int32_t h,
                                   const struct fl_picture_maker *maker);

struct fl_picture *fl_picture_ref(struct fl_picture *picture);
void fl_picture_unref(struct fl_picture *picture); // NULL is fine

uint64_t fl_picture_stamp(const struct fl_picture *picture); // of its file or bytes; 0: drawn
// Of what a made one is made of, before others see it.
void fl_picture_set_stamp(struct fl_picture *picture, uint64_t stamp);
int32_t fl_picture_w(const struct fl_picture *picture);
int32_t fl_picture_h(const struct fl_picture *picture);

// Loader thread; idempotent. Decodes to 8-bit RGB (alpha over white, 16 bits to 8).
enum fl_err fl_picture_load(struct fl_picture *picture, struct fl_error *error) FL_CHECKED;
// Any thread: w * h * 3 bytes, rows from the top; NULL before it is loaded.
const uint8_t *fl_picture_rgb(const struct fl_picture *picture);

// The file's own bytes, new reference (FL_ENC_* kind in *enc). NULL and no error where they do not
// serve: of drawn pictures, and of PNGs with transparent pixels, which lie over white here.
enum fl_err fl_picture_file(const struct fl_picture *picture, struct fl_buf **out, int *enc,
                            struct fl_error *error) FL_CHECKED;
// A copy reduced (area mean) to `w` pixels wide, malloc'ed; *h is its height. NULL without memory.
uint8_t *fl_picture_scaled(const struct fl_picture *picture, int32_t w, int32_t *h);
