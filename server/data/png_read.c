#include "png_read.h"

#include "server/base/mem.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

enum {
    MAX_CHUNK = 8 << 20, // bytes that one compressed text or profile may unpack to
    MAX_CHUNKS = 64,     // of those that libpng would keep
    IHDR_END = 8 + 8 + 13,
};

// One decoding. Everything that libpng's longjmp jumps over lives here, never in a local.
struct reader {
    const struct fl_image_file *file;
    size_t used;
    bool cut;       // libpng wanted more than there is
    char text[128]; // what libpng said
    png_structp png;
    png_infop info;
    uint32_t w, h; // what is expected; 0: anything
    uint8_t *row;  // where the first row goes
    size_t stride; // bytes a row
};

static void read_bytes(png_structp png, png_bytep out, size_t len)
{
    struct reader *reader = png_get_io_ptr(png);

    if (len > reader->file->len - reader->used) {
        reader->cut = true;
        png_error(png, "the file ends too early");
    }
    memcpy(out, reader->file->bytes + reader->used, len);
    reader->used += len;
}

static void leave(png_structp png, png_const_charp text)
{
    struct reader *reader = png_get_error_ptr(png);

    strncpy(reader->text, text, sizeof reader->text - 1);
    png_longjmp(png, 1);
}

static void say_nothing(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

// Runs one step of a decoding; false when libpng gave up in it.
static bool attempt(struct reader *reader, void (*step)(struct reader *reader))
{
    if (setjmp(png_jmpbuf(reader->png)) != 0)
        return false;
    step(reader);
    return true;
}

static enum fl_err refuse(const struct reader *reader, struct fl_error *error)
{
    const char *what = reader->file->what;

    if (reader->cut)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is cut off: the PNG data end too early; copy or save the file again.",
                       what);
    return fl_fail(error, FL_ERR_FORMAT, "%s is not a sound PNG (%s); copy or save the file again.",
                   what, reader->text);
}

static enum fl_err start(struct reader *reader, struct fl_error *error)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, leave, say_nothing);

    reader->png = png;
    reader->info = png ? png_create_info_struct(png) : NULL;
    if (!reader->info) {
        png_destroy_read_struct(&reader->png, NULL, NULL);
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is no memory to read %s; close other programs.", reader->file->what);
    }
    png_set_read_fn(png, reader, read_bytes);
    png_set_chunk_malloc_max(png, MAX_CHUNK);
    png_set_chunk_cache_max(png, MAX_CHUNKS);
    return FL_OK;
}

static void finish(struct reader *reader)
{
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
}

static void read_info(struct reader *reader)
{
    // The sides are judged by us, with a sentence of ours.
    png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(reader->png, reader->info);
}

bool fl_png_is(const uint8_t *bytes, size_t len)
{
    return len >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static enum fl_err check_size(const char *what, uint32_t w, uint32_t h, struct fl_error *error)
{
    if (w > FL_IMAGE_MAX_SIDE || h > FL_IMAGE_MAX_SIDE || (uint64_t)w * h > FL_IMAGE_MAX_PIXELS)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "%s is a picture of %u x %u pixels, and more than %llu are not read; reduce "
                       "it first.",
                       what, w, h, (unsigned long long)FL_IMAGE_MAX_PIXELS);
    return FL_OK;
}

enum fl_err fl_png_head(const struct fl_image_file *file, struct fl_image_head *out,
                        struct fl_error *error)
{
    struct reader reader = {.file = file};
    enum fl_err err = start(&reader, error);

    *out = (struct fl_image_head){0};
    if (err)
        return err;
    if (!attempt(&reader, read_info)) {
        err = refuse(&reader, error);
        goto out;
    }
    uint32_t w = png_get_image_width(reader.png, reader.info);
    uint32_t h = png_get_image_height(reader.png, reader.info);
    err = check_size(file->what, w, h, error);
    if (err)
        goto out;
    bool alpha = (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                 png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
    *out = (struct fl_image_head){
        .w = (int32_t)w,
        .h = (int32_t)h,
        .turn = 1,
        .alpha = alpha,
        .scratch = alpha ? (uint64_t)w * h * 4 : 0,
    };

out:
    finish(&reader);
    return err;
}

// All passes of an interlaced picture go over the same rows, so these are the whole picture's.
static void read_rows(struct reader *reader)
{
    int passes = png_set_interlace_handling(reader->png);

    png_read_update_info(reader->png, reader->info);
    if (png_get_rowbytes(reader->png, reader->info) != reader->stride)
        png_error(reader->png, "rows of an unexpected length");
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < reader->h; y++)
            png_read_row(reader->png, reader->row + y * reader->stride, NULL);
    png_read_end(reader->png, NULL);
}

static void check_same(struct reader *reader)
{
    if (png_get_image_width(reader->png, reader->info) != reader->w ||
        png_get_image_height(reader->png, reader->info) != reader->h)
        png_error(reader->png, "another size than before");
}

static void read_colours(struct reader *reader)
{
    read_info(reader);
    check_same(reader);
    png_set_expand(reader->png); // palette, fewer than 8 bits, tRNS
    png_set_scale_16(reader->png);
    png_set_gray_to_rgb(reader->png);
    read_rows(reader);
}

static void read_numbers(struct reader *reader)
{
    read_info(reader);
    check_same(reader);
    if (png_get_color_type(reader->png, reader->info) != PNG_COLOR_TYPE_RGB_ALPHA ||
        png_get_bit_depth(reader->png, reader->info) != 8)
        png_error(reader->png, "not 8-bit RGBA");
    read_rows(reader);
}

static enum fl_err decode(struct reader *reader, void (*step)(struct reader *reader),
                          struct fl_error *error)
{
    enum fl_err err = start(reader, error);

    if (err)
        return err;
    if (!attempt(reader, step))
        err = refuse(reader, error);
    finish(reader);
    return err;
}

static void lay_over_white(const uint8_t *rgba, size_t n, uint8_t *rgb)
{
    for (size_t i = 0; i < n; i++, rgba += 4, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)((rgba[c] * rgba[3] + 255 * (255 - rgba[3]) + 127) / 255);
}

enum fl_err fl_png_read_rgb(const struct fl_image_file *file, const struct fl_image_head *head,
                            uint8_t *rgb, struct fl_error *error)
{
    size_t n = (size_t)head->w * (size_t)head->h;
    uint8_t *rgba = NULL;

    if (head->alpha && !(rgba = malloc(n * 4)))
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is no memory to decode %s; close other programs or reduce it first.",
                       file->what);
    struct reader reader = {
        .file = file,
        .w = (uint32_t)head->w,
        .h = (uint32_t)head->h,
        .row = rgba ? rgba : rgb,
        .stride = (size_t)head->w * (rgba ? 4 : 3),
    };
    enum fl_err err = decode(&reader, read_colours, error);
    if (!err && rgba)
        lay_over_white(rgba, n, rgb);
    free(rgba);
    return err;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

enum fl_err fl_png_check_tile(const struct fl_image_file *file, int32_t w, int32_t h,
                              struct fl_error *error)
{
    const uint8_t *bytes = file->bytes;

    if (!fl_png_is(bytes, file->len) || file->len < IHDR_END || memcmp(bytes + 12, "IHDR", 4) != 0)
        return fl_fail(error, FL_ERR_FORMAT, "%s is not a PNG file; make the data set again.",
                       file->what);
    uint32_t got_w = big_endian(bytes + 16), got_h = big_endian(bytes + 20);
    if (got_w != (uint32_t)w || got_h != (uint32_t)h)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s has %u x %u pixels, but metadata.json says %d x %d; make the data set "
                       "again.",
                       file->what, got_w, got_h, w, h);
    if (bytes[24] != 8 || bytes[25] != PNG_COLOR_TYPE_RGB_ALPHA)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s must be an 8-bit RGBA PNG, since its four bytes a pixel carry the "
                       "channels; make the data set again.",
                       file->what);
    return FL_OK;
}

enum fl_err fl_png_read_tile(const struct fl_image_file *file, int32_t w, int32_t h, uint8_t *rgba,
                             struct fl_error *error)
{
    struct reader reader = {
        .file = file,
        .w = (uint32_t)w,
        .h = (uint32_t)h,
        .row = rgba,
        .stride = (size_t)w * 4,
    };
    enum fl_err err = fl_png_check_tile(file, w, h, error);
    return err ? err : decode(&reader, read_numbers, error);
}
