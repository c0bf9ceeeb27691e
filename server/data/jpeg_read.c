#define LOG_MODULE "jpeg"
#include "jpeg_read.h"

#include "jpeg_marks.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <string.h>
#include <turbojpeg.h>

bool fl_jpeg_is(const uint8_t *bytes, size_t len)
{
    return len >= 3 && memcmp(bytes, "\xFF\xD8\xFF", 3) == 0;
}

static enum fl_err refuse(const struct fl_image_file *file, tjhandle handle, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s is not a sound JPEG (%s); copy or save the file again.", file->what,
                   tjGetErrorStr2(handle));
}

// The sides as they are stored, before turning.
static enum fl_err read_size(const struct fl_image_file *file, tjhandle handle, int *w, int *h,
                             struct fl_error *error)
{
    int sampling = 0, colours = 0;

    if (tjDecompressHeader3(handle, file->bytes, file->len, w, h, &sampling, &colours) != 0)
        return refuse(file, handle, error);
    if (*w < 1 || *h < 1) // a file of tables alone, which TurboJPEG takes for sound
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is a JPEG file without a picture; copy or save it again.", file->what);
    if ((uint64_t)*w * (uint64_t)*h > FL_IMAGE_MAX_PIXELS)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "%s is a picture of %d x %d pixels, and more than %llu are not read; reduce "
                       "it first.",
                       file->what, *w, *h, (unsigned long long)FL_IMAGE_MAX_PIXELS);
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s is a CMYK JPEG, made for printing; save it as an RGB picture first.",
                       file->what);
    return FL_OK;
}

static enum fl_err no_memory(const struct fl_image_file *file, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "There is no memory to decode %s; close other programs or reduce it first.",
                   file->what);
}

enum fl_err fl_jpeg_head(const struct fl_image_file *file, struct fl_image_head *out,
                         struct fl_error *error)
{
    tjhandle handle = tjInitDecompress();
    int w = 0, h = 0;

    *out = (struct fl_image_head){0};
    if (!handle)
        return no_memory(file, error);
    enum fl_err err = read_size(file, handle, &w, &h, error);
    if (!err) {
        int32_t turn = fl_jpeg_marks_turn(file->bytes, file->len);
        *out = (struct fl_image_head){
            .w = turn < 5 ? w : h,
            .h = turn < 5 ? h : w,
            .turn = turn,
            // A progressive file's coefficients, and the picture before it is turned.
            .scratch = (uint64_t)w * (uint64_t)h * (turn == 1 ? 6 : 9),
        };
    }
    tjDestroy(handle);
    return err;
}

static enum fl_err decode(const struct fl_image_file *file, tjhandle handle, const int size[2],
                          uint8_t *rgb, struct fl_error *error)
{
    int w = 0, h = 0;
    enum fl_err err = read_size(file, handle, &w, &h, error);

    if (err)
        return err;
    if (w != size[0] || h != size[1])
        return fl_fail(error, FL_ERR_GONE, "%s has changed since it was opened; start anew.",
                       file->what);
    if (!fl_jpeg_marks_end(file->bytes, file->len))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is cut off: the JPEG data end too early; copy or save the file again.",
                       file->what);
    if (tjDecompress2(handle, file->bytes, file->len, rgb, w, 0, h, TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS) == 0)
        return FL_OK;
    // The one damage that costs no pixel, and that cameras are known for. The text is that of the
    // fatal error, if there was one, else of the first warning.
    if (tjGetErrorCode(handle) == TJERR_WARNING &&
        strstr(tjGetErrorStr2(handle), "extraneous bytes")) {
        log_warn("%s: %s", file->what, tjGetErrorStr2(handle));
        return FL_OK;
    }
    return refuse(file, handle, error);
}

// out[y][x] is the pixel that an EXIF orientation puts there. w and h are the sides of `in`.
static void turn_pixels(const uint8_t *in, const int size[2], int32_t turn, uint8_t *out)
{
    size_t w = (size_t)size[0], h = (size_t)size[1];
    bool swap = turn >= 5;
    bool mirror_x = turn == 2 || turn == 3 || turn == 7 || turn == 8;
    bool mirror_y = turn == 3 || turn == 4 || turn == 6 || turn == 7;
    size_t out_w = swap ? h : w, out_h = swap ? w : h;

    for (size_t y = 0; y < out_h; y++)
        for (size_t x = 0; x < out_w; x++, out += 3) {
            size_t from_x = swap ? y : x, from_y = swap ? x : y;
            if (mirror_x)
                from_x = w - 1 - from_x;
            if (mirror_y)
                from_y = h - 1 - from_y;
            memcpy(out, in + (from_y * w + from_x) * 3, 3);
        }
}

enum fl_err fl_jpeg_read_rgb(const struct fl_image_file *file, const struct fl_image_head *head,
                             uint8_t *rgb, struct fl_error *error)
{
    const int size[2] = {head->turn < 5 ? head->w : head->h, head->turn < 5 ? head->h : head->w};
    enum fl_err err = FL_ERR_TOO_BIG;
    uint8_t *stored = head->turn == 1 ? rgb : malloc((size_t)size[0] * (size_t)size[1] * 3);
    tjhandle handle = tjInitDecompress();

    if (!stored || !handle) {
        err = no_memory(file, error);
        goto out;
    }
    err = decode(file, handle, size, stored, error);
    if (!err && stored != rgb)
        turn_pixels(stored, size, head->turn, rgb);

out:
    if (handle)
        tjDestroy(handle);
    if (stored != rgb)
        free(stored);
    return err;
}
