#include "png_write.h"

#include "grey_png.h"
#include "proto/buf.h"
#include "server/base/png_pack.h"

static struct fl_buf *pack(const struct fl_png_pixels *pixels, size_t most)
{
    struct fl_buf *buf = fl_buf_create(most);
    size_t len = buf ? fl_png_pack(pixels, fl_buf_bytes(buf), most) : 0;

    if (len == 0) {
        fl_buf_unref(buf);
        return NULL;
    }
    fl_buf_set_len(buf, len);
    return buf;
}

struct fl_buf *fl_png_write(const struct fl_png *png)
{
    const struct fl_png_pixels pixels = {png->pixels,   png->w,    png->h,
                                         png->channels, png->bits, .fast = true};
    size_t most = fl_png_pack_bound(&pixels);

    if (png->budget > 0 && png->budget < most)
        most = png->budget;
    if (png->grey && png->channels == 1 && png->bits == 8)
        return fl_grey_png_write(png->grey, png->pixels, png->w, png->h, most);
    return pack(&pixels, most);
}
