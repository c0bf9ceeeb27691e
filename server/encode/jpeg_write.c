#define LOG_MODULE "jpeg"
#include "jpeg_write.h"

#include "proto/buf.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <turbojpeg.h>

struct fl_jpeg {
    tjhandle handle;
};

struct fl_jpeg *fl_jpeg_create(void)
{
    struct fl_jpeg *jpeg = fl_new(struct fl_jpeg);

    jpeg->handle = tjInitCompress();
    if (jpeg->handle)
        return jpeg;
    free(jpeg);
    return NULL;
}

void fl_jpeg_destroy(struct fl_jpeg *jpeg)
{
    if (!jpeg)
        return;
    tjDestroy(jpeg->handle);
    free(jpeg);
}

struct fl_buf *fl_jpeg_write(struct fl_jpeg *jpeg, const uint8_t *pixels, int32_t w, int32_t h,
                             int32_t channels, int32_t quality)
{
    int sampling = channels == 1 ? TJSAMP_GRAY : TJSAMP_444;
    unsigned long size = tjBufSize(w, h, sampling);
    struct fl_buf *buf = size == (unsigned long)-1 ? NULL : fl_buf_create(size);

    if (!buf)
        return NULL;
    // Straight behind the room for the message's header: nobody copies the picture.
    unsigned char *at = fl_buf_bytes(buf);
    if (tjCompress2(jpeg->handle, pixels, w, 0, h, channels == 1 ? TJPF_GRAY : TJPF_RGB, &at, &size,
                    sampling, quality, TJFLAG_NOREALLOC) == 0) {
        fl_buf_set_len(buf, size);
        return buf;
    }
    log_error("%s", tjGetErrorStr2(jpeg->handle));
    fl_buf_unref(buf);
    return NULL;
}
