#include "png_pack.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <zlib.h>

struct sink { // libpng's longjmp jumps over no local that matters: what changes lies here
    uint8_t *out;
    size_t len, size;
};

static void write_bytes(png_structp png, png_bytep bytes, size_t len)
{
    struct sink *sink = png_get_io_ptr(png);

    if (len > sink->size - sink->len)
        png_error(png, "no room");
    memcpy(sink->out + sink->len, bytes, len);
    sink->len += len;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static void say_nothing(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void leave(png_structp png, png_const_charp text)
{
    (void)text; // no room or no memory: the caller needs no more
    png_longjmp(png, 1);
}

static void choose_fast(png_structp writer, const struct fl_png_pixels *pixels)
{
    png_set_filter(writer, PNG_FILTER_TYPE_BASE,
                   pixels->bits == 8 ? PNG_FILTER_AVG : PNG_FILTER_NONE);
    png_set_compression_level(writer, 1);
    png_set_compression_strategy(writer, pixels->channels == 3 ? Z_FILTERED : Z_RLE);
}

static void write_picture(png_structp writer, png_infop info, const struct fl_png_pixels *pixels)
{
    static const int colours[] = {
        [1] = PNG_COLOR_TYPE_GRAY, [3] = PNG_COLOR_TYPE_RGB, [4] = PNG_COLOR_TYPE_RGB_ALPHA};

    png_set_IHDR(writer, info, (png_uint_32)pixels->w, (png_uint_32)pixels->h, pixels->bits,
                 colours[pixels->channels], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (pixels->fast)
        choose_fast(writer, pixels);
    png_write_info(writer, info);
    if (pixels->bits == 1)
        png_set_packing(writer);
    for (int32_t y = 0; y < pixels->h; y++)
        png_write_row(writer,
                      pixels->at + (size_t)y * (size_t)pixels->w * (size_t)pixels->channels);
    png_write_end(writer, info);
}

// Deflate never grows its input by more than this; chunk headers and the rest of the file beside.
size_t fl_png_pack_bound(const struct fl_png_pixels *pixels)
{
    size_t row = ((size_t)pixels->w * (size_t)pixels->channels * (size_t)pixels->bits + 7) / 8 + 1;
    size_t raw = row * (size_t)pixels->h;
    return raw + raw / 8 + 4096;
}

size_t fl_png_pack(const struct fl_png_pixels *pixels, uint8_t *out, size_t size)
{
    struct sink sink = {out, 0, size};
    png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, leave, say_nothing);
    png_infop info = writer ? png_create_info_struct(writer) : NULL;

    if (!info) {
        png_destroy_write_struct(&writer, NULL);
        return 0;
    }
    if (setjmp(png_jmpbuf(writer)) != 0) { // nothing changed since it was set is used below
        png_destroy_write_struct(&writer, &info);
        return 0;
    }
    png_set_write_fn(writer, &sink, write_bytes, flush_nothing);
    write_picture(writer, info, pixels);
    png_destroy_write_struct(&writer, &info);
    return sink.len;
}
