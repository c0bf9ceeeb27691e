#include "png_write.h"

#include "grey_png.h"
#include "proto/buf.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

struct sink {
    struct fl_buf *buf;
    size_t limit; // at most the buffer's capacity
};

static void write_bytes(png_structp png, png_bytep bytes, size_t len)
{
    struct sink *sink = png_get_io_ptr(png);
    size_t used = fl_buf_len(sink->buf);

    if (len > sink->limit - used)
        png_error(png, "over the budget");
    memcpy(fl_buf_bytes(sink->buf) + used, bytes, len);
    fl_buf_set_len(sink->buf, used + len);
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
    (void)text; // the only reason is the budget
    png_longjmp(png, 1);
}

// Deflate never grows its input by more than this; chunk headers and the rest of the file beside.
static size_t worst_size(const struct fl_png *png)
{
    size_t row = ((size_t)png->w * (size_t)png->channels * (size_t)png->bits + 7) / 8 + 1;
    size_t raw = row * (size_t)png->h;
    return raw + raw / 8 + 4096;
}

static void write_rows(png_structp writer, png_infop info, const struct fl_png *png)
{
    png_set_IHDR(writer, info, (png_uint_32)png->w, (png_uint_32)png->h, png->bits,
                 png->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(writer, PNG_FILTER_TYPE_BASE, png->bits == 8 ? PNG_FILTER_AVG : PNG_FILTER_NONE);
    png_set_compression_level(writer, 1);
    png_set_compression_strategy(writer, png->channels == 3 ? Z_FILTERED : Z_RLE);
    png_write_info(writer, info);
    if (png->bits == 1)
        png_set_packing(writer);
    for (int32_t y = 0; y < png->h; y++)
        png_write_row(writer, png->pixels + (size_t)y * (size_t)png->w * (size_t)png->channels);
    png_write_end(writer, info);
}

static bool write_file(const struct fl_png *png, struct sink *sink)
{
    png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, leave, say_nothing);
    png_infop info = writer ? png_create_info_struct(writer) : NULL;

    if (!info) {
        png_destroy_write_struct(&writer, NULL);
        return false;
    }
    if (setjmp(png_jmpbuf(writer)) != 0) { // nothing changed since it was set is used below
        png_destroy_write_struct(&writer, &info);
        return false;
    }
    png_set_write_fn(writer, sink, write_bytes, flush_nothing);
    write_rows(writer, info, png);
    png_destroy_write_struct(&writer, &info);
    return true;
}

struct fl_buf *fl_png_write(const struct fl_png *png)
{
    struct sink sink = {.limit = worst_size(png)};

    if (png->budget > 0 && png->budget < sink.limit)
        sink.limit = png->budget;
    if (png->grey && png->channels == 1 && png->bits == 8)
        return fl_grey_png_write(png->grey, png->pixels, png->w, png->h, sink.limit);
    sink.buf = fl_buf_create(sink.limit);
    if (!sink.buf)
        return NULL;
    if (write_file(png, &sink))
        return sink.buf;
    fl_buf_unref(sink.buf);
    return NULL;
}
