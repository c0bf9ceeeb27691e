#include "png_tile.h"

#include "server/base/mem.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

struct sink { // grows
    uint8_t *bytes;
    size_t len, size;
};

static void write_bytes(png_structp png, png_bytep bytes, size_t len)
{
    struct sink *sink = png_get_io_ptr(png);

    if (len > sink->size - sink->len) {
        size_t size = sink->size * 2 + len;
        uint8_t *more = realloc(sink->bytes, size);
        if (!more)
            png_error(png, "no memory");
        sink->bytes = more;
        sink->size = size;
    }
    memcpy(sink->bytes + sink->len, bytes, len);
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
    (void)text; // the only reason is memory
    png_longjmp(png, 1);
}

static bool write_file(const uint8_t *rgba, int32_t w, int32_t h, struct sink *sink)
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
    png_set_IHDR(writer, info, (png_uint_32)w, (png_uint_32)h, 8, PNG_COLOR_TYPE_RGB_ALPHA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer, info);
    for (int32_t y = 0; y < h; y++)
        png_write_row(writer, rgba + (size_t)y * (size_t)w * 4);
    png_write_end(writer, info);
    png_destroy_write_struct(&writer, &info);
    return true;
}

uint8_t *fl_png_tile_write(const uint8_t *rgba, int32_t w, int32_t h, size_t *len)
{
    struct sink sink = {0};

    *len = 0;
    if (!write_file(rgba, w, h, &sink)) {
        free(sink.bytes);
        return NULL;
    }
    *len = sink.len;
    return sink.bytes;
}
