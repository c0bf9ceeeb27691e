#include "array_picture.h"

#include "image_file.h"
#include "text.h"

#include "server/base/mem.h"

#include <stdlib.h>

struct made {
    char *what;                  // owned
    struct fl_map_source source; // owned; of u1
};

// The axes without a leading 1.
static unsigned first_axis(const struct fl_array *array)
{
    return array->n_dims == 4 && array->dims[0] == 1 ? 1 : 0;
}

bool fl_array_is_picture(const struct fl_array *array)
{
    const uint64_t *dims = array->dims + first_axis(array);
    unsigned n_dims = array->n_dims - first_axis(array);

    return array->type == FL_U1 &&
           (n_dims == 2 || (n_dims == 3 && (dims[2] == 1 || dims[2] == 3 || dims[2] == 4)));
}

enum fl_err fl_array_picture_source(const char *what, const struct fl_array *array, size_t data,
                                    struct fl_map_source *out, struct fl_error *error)
{
    static const struct fl_layout_hint hwc = {.layout = FL_LAYOUT_HWC};
    struct fl_array pixels = *array;

    if (pixels.n_dims == 2)
        pixels.dims[pixels.n_dims++] = 1;
    enum fl_err err = fl_array_source(what, &pixels, &hwc, data, out, error);
    if (!err && (uint64_t)out->w * (uint64_t)out->h > FL_IMAGE_MAX_PIXELS)
        err = fl_fail(error, FL_ERR_TOO_BIG,
                      "%s is a picture of %d x %d pixels, and %llu at most are shown; reduce "
                      "it first.",
                      what, out->w, out->h, (unsigned long long)FL_IMAGE_MAX_PIXELS);
    if (err)
        *out = (struct fl_map_source){0};
    return err;
}

// Straight alpha over white, rounded to nearest.
static uint8_t over_white(unsigned value, unsigned alpha)
{
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

static void read_pixels(const struct fl_map_source *source, const uint8_t *base, uint8_t *rgb)
{
    for (int32_t y = 0; y < source->h; y++)
        for (int32_t x = 0; x < source->w; x++, rgb += 3) {
            const uint8_t *at = base + y * source->stride_y + x * source->stride_x;
            unsigned alpha = source->d == 4 ? at[3 * source->stride_c] : 255;
            for (int k = 0; k < 3; k++) // a grey value three times
                rgb[k] = over_white(at[source->d == 1 ? 0 : k * source->stride_c], alpha);
        }
}

static enum fl_err decode(void *user, uint8_t *rgb, struct fl_error *error)
{
    const struct made *made = user;
    const struct fl_map_source *source = &made->source;
    uint8_t *unpacked = NULL;
    enum fl_err err = FL_OK;

    if (source->unpack) {
        unpacked = malloc(source->len);
        if (!unpacked)
            return fl_fail(error, FL_ERR_TOO_BIG,
                           "There is no memory to unpack %s; close other programs.", made->what);
        err = source->unpack(source->user, unpacked, source->len, NULL, error);
    }
    if (!err)
        read_pixels(source, unpacked ? unpacked + source->offset : source->base, rgb);
    free(unpacked);
    if (!err && source->mapping && fl_mapping_check(source->mapping))
        err = fl_fail(error, FL_ERR_GONE,
                      "%s was cut or written since this server opened it; start the server again.",
                      made->what);
    return err;
}

static void finish(void *user)
{
    struct made *made = user;

    fl_map_source_finish(&made->source);
    free(made->what);
    free(made);
}

struct fl_picture *fl_array_picture(const char *what, struct fl_map_source *source)
{
    struct made *made = fl_new(struct made);
    struct fl_picture_maker maker = {
        .decode = decode, .finish = finish, .user = made, .scratch = source->len};

    made->what = fl_text_copy(what);
    made->source = *source;
    *source = (struct fl_map_source){0};
    return fl_picture_made(what, made->source.w, made->source.h, &maker);
}
