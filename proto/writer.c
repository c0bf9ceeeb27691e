#include "writer.h"

#include "buf.h"
#include "reply.h"
#include "utf8.h"

#include <math.h>
#include <string.h>

static bool grow(struct fl_writer *w, size_t wanted)
{
    size_t used = fl_buf_len(w->buf), capacity = fl_buf_capacity(w->buf);
    if (wanted <= capacity)
        return true;
    if (wanted > FL_MAX_FROM_SERVER)
        return false;
    struct fl_buf *bigger = fl_buf_create(wanted > 2 * capacity ? wanted : 2 * capacity);
    if (!bigger)
        return false;
    memcpy(fl_buf_bytes(bigger), fl_buf_bytes(w->buf), used);
    fl_buf_set_len(bigger, used);
    fl_buf_unref(w->buf);
    w->buf = bigger;
    return true;
}

static int write_bytes(void *data, const char *bytes, size_t len)
{
    struct fl_writer *w = data;
    if (w->failed || len > FL_MAX_FROM_SERVER || !grow(w, fl_buf_len(w->buf) + len)) {
        w->failed = true;
        return -1;
    }
    size_t used = fl_buf_len(w->buf);
    if (len > 0)
        memcpy(fl_buf_bytes(w->buf) + used, bytes, len);
    fl_buf_set_len(w->buf, used + len);
    return 0;
}

bool fl_writer_start(struct fl_writer *w, size_t pairs)
{
    *w = (struct fl_writer){.buf = fl_buf_create(512)};
    if (!w->buf)
        return false;
    msgpack_packer_init(&w->pk, w, write_bytes);
    msgpack_pack_map(&w->pk, pairs);
    return true;
}

struct fl_buf *fl_writer_finish(struct fl_writer *w)
{
    if (!w->failed)
        return w->buf;
    fl_buf_unref(w->buf);
    return NULL;
}

void fl_writer_put_text(struct fl_writer *w, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t len = strlen(text);

    msgpack_pack_str(&w->pk, len);
    for (size_t i = 0; i < len;) {
        size_t good = i, n = 0;
        while (good < len && (n = fl_utf8_step(at + good, len - good)) > 0)
            good += n;
        msgpack_pack_str_body(&w->pk, text + i, good - i);
        if (good < len)
            msgpack_pack_str_body(&w->pk, "?", 1);
        i = good + 1;
    }
}

void fl_writer_text(struct fl_writer *w, const char *key, const char *value)
{
    fl_writer_put_text(w, key);
    fl_writer_put_text(w, value);
}

void fl_writer_number(struct fl_writer *w, const char *key, uint64_t value)
{
    fl_writer_put_text(w, key);
    msgpack_pack_uint64(&w->pk, value);
}

void fl_writer_put_flag(struct fl_writer *w, bool value)
{
    if (value)
        msgpack_pack_true(&w->pk);
    else
        msgpack_pack_false(&w->pk);
}

void fl_writer_flag(struct fl_writer *w, const char *key, bool value)
{
    fl_writer_put_text(w, key);
    fl_writer_put_flag(w, value);
}

void fl_writer_nothing(struct fl_writer *w, const char *key)
{
    fl_writer_put_text(w, key);
    msgpack_pack_nil(&w->pk);
}

static void put_real(struct fl_writer *w, double value)
{
    if (isnan(value))
        msgpack_pack_nil(&w->pk);
    else
        msgpack_pack_double(&w->pk, value);
}

void fl_writer_real(struct fl_writer *w, const char *key, double value)
{
    fl_writer_put_text(w, key);
    put_real(w, value);
}

void fl_writer_real_or_nothing(struct fl_writer *w, const char *key, bool has, double value)
{
    if (has)
        fl_writer_real(w, key, value);
    else
        fl_writer_nothing(w, key);
}

void fl_writer_reals(struct fl_writer *w, const char *key, const double *values, size_t n)
{
    fl_writer_put_text(w, key);
    msgpack_pack_array(&w->pk, n);
    for (size_t i = 0; i < n; i++)
        put_real(w, values[i]);
}

void fl_writer_cells(struct fl_writer *w, const char *key, const int32_t *values, size_t n)
{
    fl_writer_put_text(w, key);
    msgpack_pack_array(&w->pk, n);
    for (size_t i = 0; i < n; i++)
        msgpack_pack_int32(&w->pk, values[i]);
}

void fl_writer_cell(struct fl_writer *w, const char *key, bool has, const int32_t *value)
{
    if (has)
        fl_writer_cells(w, key, value, 2);
    else
        fl_writer_nothing(w, key);
}

void fl_writer_words(struct fl_writer *w, const char *key, const void *values, size_t n)
{
    uint8_t some[256];
    size_t held = 0;

    fl_writer_put_text(w, key);
    msgpack_pack_bin(&w->pk, 4 * n);
    for (size_t i = 0; i < n; i++) {
        uint32_t word = 0;
        memcpy(&word, (const char *)values + 4 * i, sizeof word);
        for (unsigned k = 0; k < 4; k++)
            some[held++] = (uint8_t)(word >> (8 * k));
        if (held == sizeof some || i + 1 == n) {
            msgpack_pack_bin_body(&w->pk, some, held);
            held = 0;
        }
    }
}
