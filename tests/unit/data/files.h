#pragma once

#include "../test.h"
#include "proto/buf.h"
#include "server/data/picture.h"

#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <zip.h>

// Files that the tests of server/data make themselves, as bytes in memory or on disk.

static inline struct fl_buf *buf_of(const void *bytes, size_t len)
{
    struct fl_buf *buf = fl_buf_create(len);

    EXPECT(buf);
    memcpy(fl_buf_bytes(buf), bytes, len);
    fl_buf_set_len(buf, len);
    return buf;
}

// A new file of these bytes under the name `path` ends with ("/tmp/farlook-XXXXXX"): to unlink.
static inline void save(struct fl_buf *buf, char *path)
{
    int fd = mkstemp(path);

    EXPECT(fd >= 0);
    EXPECT(write(fd, fl_buf_bytes(buf), fl_buf_len(buf)) == (ssize_t)fl_buf_len(buf));
    close(fd);
}

// The pixel (x, y) of w pixels a row, 3 bytes each.
static inline uint8_t *pixel(uint8_t *rgb, int w, int x, int y)
{
    return rgb + ((size_t)y * (size_t)w + (size_t)x) * 3;
}

static inline const uint8_t *look(const struct fl_picture *picture, int x, int y)
{
    return fl_picture_rgb(picture) + ((size_t)y * (size_t)fl_picture_w(picture) + (size_t)x) * 3;
}

struct png_kind {
    int bits, colour; // as libpng's
    bool interlaced;
    png_color palette[4];
    int n_palette;
    uint8_t alpha[4]; // of the palette's colours
    int n_alpha;
    bool clear; // tRNS: the value 0 (grey) or 0, 0, 0 is transparent
};

static inline void append_png(png_structp png, png_bytep bytes, size_t len)
{
    struct fl_buf *buf = png_get_io_ptr(png);

    EXPECT(len <= fl_buf_capacity(buf) - fl_buf_len(buf));
    memcpy(fl_buf_bytes(buf) + fl_buf_len(buf), bytes, len);
    fl_buf_set_len(buf, fl_buf_len(buf) + len);
}

static inline void flush_png(png_structp png)
{
    (void)png;
}

// `rows` holds h rows of `stride` bytes in PNG's own packing.
static inline struct fl_buf *make_png(uint32_t w, uint32_t h, const struct png_kind *kind,
                                      const uint8_t *rows, size_t stride)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    struct fl_buf *buf = fl_buf_create(h * stride * 2 + 65536);
    png_color_16 clear = {0};

    EXPECT(info && buf);
    png_set_write_fn(png, buf, append_png, flush_png);
    png_set_IHDR(png, info, w, h, kind->bits, kind->colour,
                 kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (kind->n_palette > 0)
        png_set_PLTE(png, info, kind->palette, kind->n_palette);
    if (kind->n_alpha > 0)
        png_set_tRNS(png, info, kind->alpha, kind->n_alpha, NULL);
    if (kind->clear)
        png_set_tRNS(png, info, NULL, 1, &clear);
    png_write_info(png, info);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (uint32_t y = 0; y < h; y++)
            png_write_row(png, rows + y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return buf;
}

static inline struct fl_buf *make_rgba_png(uint32_t w, uint32_t h, const uint8_t *rgba)
{
    return make_png(w, h, &(struct png_kind){.bits = 8, .colour = PNG_COLOR_TYPE_RGB_ALPHA}, rgba,
                    (size_t)w * 4);
}

// `format` is TJPF_RGB, TJPF_GRAY or TJPF_CMYK; flags as TJFLAG_PROGRESSIVE.
static inline struct fl_buf *make_jpeg(int w, int h, int format, const uint8_t *pixels, int flags)
{
    tjhandle handle = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    int sampling = format == TJPF_GRAY ? TJSAMP_GRAY : TJSAMP_444;

    EXPECT(tjCompress2(handle, pixels, w, 0, h, format, &bytes, &len, sampling, 95, flags) == 0);
    struct fl_buf *buf = buf_of(bytes, len);
    tjFree(bytes);
    tjDestroy(handle);
    return buf;
}

enum { QUARTERS_W = 32, QUARTERS_H = 16 };

// Four quarters: red, green / blue, white.
static inline void paint_quarters(uint8_t rgb[QUARTERS_W * QUARTERS_H * 3])
{
    static const uint8_t colours[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};

    for (int y = 0; y < QUARTERS_H; y++)
        for (int x = 0; x < QUARTERS_W; x++)
            memcpy(pixel(rgb, QUARTERS_W, x, y),
                   colours[(y >= QUARTERS_H / 2) * 2 + (x >= QUARTERS_W / 2)], 3);
}

static inline struct fl_buf *quarters_jpeg(int flags)
{
    uint8_t rgb[QUARTERS_W * QUARTERS_H * 3];

    paint_quarters(rgb);
    return make_jpeg(QUARTERS_W, QUARTERS_H, TJPF_RGB, rgb, flags);
}

struct zip_entry {
    const char *name;
    struct fl_buf *bytes;
    bool deflated;
    const char *password; // NULL: plain
};

static inline struct fl_buf *make_zip(const struct zip_entry *entries, size_t n)
{
    zip_error_t error;
    zip_stat_t info;
    zip_source_t *file = zip_source_buffer_create(NULL, 0, 0, &error);

    EXPECT(file);
    zip_source_keep(file);
    zip_t *zip = zip_open_from_source(file, ZIP_TRUNCATE, &error);
    EXPECT(zip);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *from =
            zip_source_buffer(zip, fl_buf_bytes(entries[i].bytes), fl_buf_len(entries[i].bytes), 0);
        zip_int64_t at = zip_file_add(zip, entries[i].name, from, 0);
        EXPECT(at >= 0);
        zip_set_file_compression(zip, (zip_uint64_t)at,
                                 entries[i].deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
        if (entries[i].password)
            EXPECT(zip_file_set_encryption(zip, (zip_uint64_t)at, ZIP_EM_AES_128,
                                           entries[i].password) == 0);
    }
    EXPECT(zip_close(zip) == 0);
    EXPECT(zip_source_open(file) == 0 && zip_source_stat(file, &info) == 0);
    struct fl_buf *buf = fl_buf_create(info.size);
    EXPECT(buf);
    EXPECT(zip_source_read(file, fl_buf_bytes(buf), info.size) == (zip_int64_t)info.size);
    fl_buf_set_len(buf, info.size);
    zip_source_close(file);
    zip_source_free(file);
    return buf;
}

// Where the real data lie; whether `name` is among them (else says that this is skipped).
static inline bool find_data(const char *name, char *path, size_t size)
{
    const char *root = getenv("FARLOOK_DATA"), *source = getenv("FARLOOK_SOURCE");

    if (root)
        snprintf(path, size, "%s/%s", root, name);
    else
        snprintf(path, size, "%s/../shared/data/%s", source ? source : ".", name);
    if (access(path, R_OK) == 0)
        return true;
    fprintf(stderr, "SKIPPED: %s is not there\n", path);
    return false;
}
