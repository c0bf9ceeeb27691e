#include "picture.h"

#include "jpeg_read.h"
#include "mapping.h"
#include "png_read.h"
#include "source.h"
#include "stamp.h"
#include "text.h"

#include "proto/buf.h"
#include "server/base/frame.h"
#include "server/base/mem.h"

#include <stdatomic.h>
#include <string.h>

struct fl_picture {
    atomic_uint refs;
    char *what;                    // owned; names it in sentences: its path, if it has one
    struct fl_buf *bytes;          // a reference: the file, where it is in memory
    bool on_disk;                  // else at `what`; neither: drawn
    uint64_t stamp;                // of the file or the bytes; 0: drawn
    enum fl_enc enc;               // of the file; NONE: drawn or made
    struct fl_picture_maker maker; // all-zero: it is not made
    struct fl_image_head head;
    _Atomic(uint8_t *) rgb; // owned; set once, by whoever loads it
};

static struct fl_picture *create(const char *what)
{
    struct fl_picture *picture = fl_new(struct fl_picture);

    atomic_init(&picture->refs, 1);
    picture->what = fl_text_copy(what);
    return picture;
}

static enum fl_err read_head(const struct fl_image_file *file, enum fl_enc *enc,
                             struct fl_image_head *head, struct fl_error *error)
{
    if (fl_png_is(file->bytes, file->len)) {
        *enc = FL_ENC_PNG;
        return fl_png_head(file, head, error);
    }
    if (fl_jpeg_is(file->bytes, file->len)) {
        *enc = FL_ENC_JPEG;
        return fl_jpeg_head(file, head, error);
    }
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s is neither a JPEG nor a PNG picture; convert it to one of them.",
                   file->what);
}

// The file's bytes for a while: *mapping is to be closed after use (NULL is fine).
static enum fl_err reach(const struct fl_picture *picture, struct fl_mapping **mapping,
                         struct fl_image_file *file, struct fl_error *error)
{
    *mapping = NULL;
    *file = (struct fl_image_file){.what = picture->what};
    if (!picture->on_disk) {
        file->bytes = fl_buf_bytes(picture->bytes);
        file->len = fl_buf_len(picture->bytes);
        return FL_OK;
    }
    enum fl_err err = fl_mapping_open(picture->what, mapping, error);
    if (err)
        return err;
    file->bytes = fl_mapping_bytes(*mapping);
    file->len = fl_mapping_len(*mapping);
    return FL_OK;
}

// As reach, for a file whose head was read before: it must still be the same.
static enum fl_err reach_again(const struct fl_picture *picture, struct fl_mapping **mapping,
                               struct fl_image_file *file, struct fl_error *error)
{
    struct fl_image_head head = {0};
    enum fl_enc enc = FL_ENC_NONE;
    enum fl_err err = reach(picture, mapping, file, error);

    if (!err)
        err = read_head(file, &enc, &head, error);
    if (!err && (enc != picture->enc || head.w != picture->head.w || head.h != picture->head.h ||
                 head.turn != picture->head.turn || head.alpha != picture->head.alpha))
        err = fl_fail(
            error, FL_ERR_GONE,
            "%s has become another picture since it was opened; the server reads it anew by "
            "itself, unless it was started with --no-watch.",
            picture->what);
    return err;
}

static enum fl_err open_picture(struct fl_picture *picture, struct fl_picture **out,
                                struct fl_error *error)
{
    struct fl_mapping *mapping = NULL;
    struct fl_image_file file = {0};
    enum fl_err err = reach(picture, &mapping, &file, error);

    *out = NULL;
    if (!err)
        err = read_head(&file, &picture->enc, &picture->head, error);
    fl_mapping_close(mapping);
    if (err)
        fl_picture_unref(picture);
    else
        *out = picture;
    return err;
}

enum fl_err fl_picture_open(const char *path, struct fl_picture **out, struct fl_error *error)
{
    struct fl_picture *picture = create(path);

    picture->on_disk = true;
    picture->stamp = fl_stamp_file(path);
    return open_picture(picture, out, error);
}

enum fl_err fl_picture_open_bytes(struct fl_buf *bytes, const char *what, struct fl_picture **out,
                                  struct fl_error *error)
{
    struct fl_picture *picture = create(what);

    picture->bytes = fl_buf_ref(bytes);
    picture->stamp = fl_stamp_bytes(fl_buf_bytes(bytes), fl_buf_len(bytes));
    return open_picture(picture, out, error);
}

struct fl_picture *fl_picture_of(const uint8_t *rgb, int32_t w, int32_t h)
{
    size_t size = (size_t)w * (size_t)h * 3;
    uint8_t *copy = malloc(size);

    if (!copy)
        return NULL;
    memcpy(copy, rgb, size);
    struct fl_picture *picture = create("the drawn picture");
    picture->head = (struct fl_image_head){.w = w, .h = h, .turn = 1};
    atomic_init(&picture->rgb, copy);
    return picture;
}

struct fl_picture *fl_picture_made(const char *what, int32_t w, int32_t h,
                                   const struct fl_picture_maker *maker)
{
    struct fl_picture *picture = create(what);

    picture->head = (struct fl_image_head){.w = w, .h = h, .turn = 1, .scratch = maker->scratch};
    picture->maker = *maker;
    return picture;
}

struct fl_picture *fl_picture_ref(struct fl_picture *picture)
{
    atomic_fetch_add_explicit(&picture->refs, 1, memory_order_relaxed);
    return picture;
}

void fl_picture_unref(struct fl_picture *picture)
{
    if (!picture || atomic_fetch_sub_explicit(&picture->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (picture->maker.finish)
        picture->maker.finish(picture->maker.user);
    free(atomic_load(&picture->rgb));
    fl_buf_unref(picture->bytes);
    free(picture->what);
    free(picture);
}

uint64_t fl_picture_stamp(const struct fl_picture *picture)
{
    return picture->stamp;
}

void fl_picture_set_stamp(struct fl_picture *picture, uint64_t stamp)
{
    picture->stamp = stamp;
}

int32_t fl_picture_w(const struct fl_picture *picture)
{
    return picture->head.w;
}

int32_t fl_picture_h(const struct fl_picture *picture)
{
    return picture->head.h;
}

const uint8_t *fl_picture_rgb(const struct fl_picture *picture)
{
    return atomic_load_explicit(&picture->rgb, memory_order_acquire);
}

static enum fl_err decode(const struct fl_picture *picture, uint8_t *rgb, struct fl_error *error)
{
    struct fl_mapping *mapping = NULL;
    struct fl_image_file file = {0};

    if (picture->maker.decode)
        return picture->maker.decode(picture->maker.user, rgb, error);
    enum fl_err err = reach_again(picture, &mapping, &file, error);
    if (!err && picture->enc == FL_ENC_PNG)
        err = fl_png_read_rgb(&file, &picture->head, rgb, error);
    else if (!err)
        err = fl_jpeg_read_rgb(&file, &picture->head, rgb, error);
    if (!err && mapping && fl_mapping_gone(mapping))
        err = fl_fail(error, FL_ERR_GONE, "%s was cut while it was read; start the server anew.",
                      picture->what);
    fl_mapping_close(mapping);
    return err;
}

enum fl_err fl_picture_load(struct fl_picture *picture, struct fl_error *error)
{
    size_t size = (size_t)picture->head.w * (size_t)picture->head.h * 3;
    uint8_t *none = NULL;

    if (fl_picture_rgb(picture))
        return FL_OK;
    enum fl_err err = fl_map_memory_check(picture->what, size + picture->head.scratch, error);
    if (err)
        return err;
    uint8_t *rgb = malloc(size);
    if (!rgb)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is no memory to decode %s; close other programs or reduce it first.",
                       picture->what);
    err = decode(picture, rgb, error);
    // Whoever is second finds it done.
    if (err || !atomic_compare_exchange_strong(&picture->rgb, &none, rgb))
        free(rgb);
    return err;
}

enum fl_err fl_picture_file(const struct fl_picture *picture, struct fl_buf **out, int *enc,
                            struct fl_error *error)
{
    struct fl_mapping *mapping = NULL;
    struct fl_image_file file = {0};

    *out = NULL;
    *enc = FL_ENC_NONE;
    if (picture->enc == FL_ENC_NONE || picture->head.alpha)
        return FL_OK;
    enum fl_err err = reach_again(picture, &mapping, &file, error);
    if (!err && !mapping)
        *out = fl_buf_ref(picture->bytes);
    else if (!err && (*out = fl_buf_create(file.len)) != NULL) {
        memcpy(fl_buf_bytes(*out), file.bytes, file.len);
        fl_buf_set_len(*out, file.len);
    }
    if (!err && !*out)
        err = fl_fail(error, FL_ERR_TOO_BIG,
                      "There is no memory to send %s; close other programs on the server.",
                      picture->what);
    fl_mapping_close(mapping);
    if (!err)
        *enc = (int)picture->enc;
    return err;
}
