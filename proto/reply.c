#include "reply.h"

#include "buf.h"
#include "utf8.h"

#include <math.h>
#include <msgpack.h>
#include <string.h>

// Growing bytes; msgpack-c's errors are kept in `failed`, so that a message is written first and
// asked about once.
struct writer {
    struct fl_buf *buf; // owned
    bool failed;
    msgpack_packer pk;
};

static bool grow(struct writer *w, size_t wanted)
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
    struct writer *w = data;
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

// False without memory. *w stays where it is until finish: the packer points to it.
static bool start(struct writer *w, size_t pairs)
{
    *w = (struct writer){.buf = fl_buf_create(512)};
    if (!w->buf)
        return false;
    msgpack_packer_init(&w->pk, w, write_bytes);
    msgpack_pack_map(&w->pk, pairs);
    return true;
}

static struct fl_buf *finish(struct writer *w)
{
    if (!w->failed)
        return w->buf;
    fl_buf_unref(w->buf);
    return NULL;
}

// ---- Keys and values. What is not UTF-8 becomes '?': every string of a message is text.

static void put_text(struct writer *w, const char *text)
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

static void text(struct writer *w, const char *key, const char *value)
{
    put_text(w, key);
    put_text(w, value);
}

static void number(struct writer *w, const char *key, uint64_t value)
{
    put_text(w, key);
    msgpack_pack_uint64(&w->pk, value);
}

static void put_flag(struct writer *w, bool value)
{
    if (value)
        msgpack_pack_true(&w->pk);
    else
        msgpack_pack_false(&w->pk);
}

static void flag(struct writer *w, const char *key, bool value)
{
    put_text(w, key);
    put_flag(w, value);
}

static void nothing(struct writer *w, const char *key)
{
    put_text(w, key);
    msgpack_pack_nil(&w->pk);
}

static void put_real(struct writer *w, double value)
{
    if (isnan(value))
        msgpack_pack_nil(&w->pk);
    else
        msgpack_pack_double(&w->pk, value);
}

static void real(struct writer *w, const char *key, double value)
{
    put_text(w, key);
    put_real(w, value);
}

static void real_or_nothing(struct writer *w, const char *key, bool has, double value)
{
    if (has)
        real(w, key, value);
    else
        nothing(w, key);
}

static void reals(struct writer *w, const char *key, const double *values, size_t n)
{
    put_text(w, key);
    msgpack_pack_array(&w->pk, n);
    for (size_t i = 0; i < n; i++)
        put_real(w, values[i]);
}

static void cells(struct writer *w, const char *key, const int32_t *values, size_t n)
{
    put_text(w, key);
    msgpack_pack_array(&w->pk, n);
    for (size_t i = 0; i < n; i++)
        msgpack_pack_int32(&w->pk, values[i]);
}

static void cell(struct writer *w, const char *key, bool has, const int32_t *value)
{
    if (has)
        cells(w, key, value, 2);
    else
        nothing(w, key);
}

// n words of 32 bits, little-endian whatever this machine is.
static void words(struct writer *w, const char *key, const void *values, size_t n)
{
    uint8_t some[256];
    size_t held = 0;

    put_text(w, key);
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

// ---- The catalogue

static void put_axis(struct writer *w, const struct fl_map_info *map)
{
    put_text(w, "axis");
    msgpack_pack_map(&w->pk, 2);
    text(w, "unit", map->axis_unit);
    words(w, "values", map->axis, map->d);
}

static void put_map(struct writer *w, const struct fl_map_info *map, bool with_axis)
{
    msgpack_pack_map(&w->pk, with_axis ? 12 : 11);
    text(w, "name", map->name);
    number(w, "w", map->w);
    number(w, "h", map->h);
    number(w, "d", map->d);
    reals(w, "extent", map->extent, 4);
    real_or_nothing(w, "min", map->loaded, map->min);
    real_or_nothing(w, "max", map->loaded, map->max);
    if (map->loaded)
        number(w, "invalid", map->invalid);
    else
        nothing(w, "invalid");
    text(w, "dtype", map->dtype);
    number(w, "bytes", map->bytes);
    number(w, "rev", map->rev);
    if (with_axis)
        put_axis(w, map);
}

static void put_scenes(struct writer *w, const struct fl_scene_info *scenes, size_t n)
{
    put_text(w, "scenes");
    msgpack_pack_array(&w->pk, n);
    for (const struct fl_scene_info *scene = scenes; scene < scenes + n; scene++) {
        msgpack_pack_map(&w->pk, 4);
        text(w, "name", scene->name);
        put_text(w, "picture");
        if (scene->picture[0] > 0 && scene->picture[1] > 0) {
            msgpack_pack_array(&w->pk, 2);
            msgpack_pack_uint32(&w->pk, scene->picture[0]);
            msgpack_pack_uint32(&w->pk, scene->picture[1]);
        } else {
            msgpack_pack_nil(&w->pk);
        }
        number(w, "rev", scene->rev);
        put_text(w, "maps");
        msgpack_pack_array(&w->pk, scene->n_maps);
        for (size_t i = 0; i < scene->n_maps; i++)
            put_map(w, &scene->maps[i], false);
    }
}

struct fl_buf *fl_reply_welcome(const char *id, const char *role,
                                const struct fl_server_info *server,
                                const struct fl_limits_info *limits,
                                const struct fl_scene_info *scenes, size_t n_scenes)
{
    struct writer w;
    if (!start(&w, 7))
        return NULL;
    text(&w, "t", "welcome");
    number(&w, "v", 1);
    text(&w, "id", id);
    text(&w, "role", role);
    put_text(&w, "server");
    msgpack_pack_map(&w.pk, 3);
    text(&w, "version", server->version);
    text(&w, "gpu", server->gpu);
    flag(&w, "software", server->software);
    put_text(&w, "limits");
    msgpack_pack_map(&w.pk, 4);
    number(&w, "views", limits->views);
    number(&w, "message", limits->message);
    number(&w, "refs", limits->refs);
    number(&w, "upload", limits->upload);
    put_scenes(&w, scenes, n_scenes);
    return finish(&w);
}

struct fl_buf *fl_reply_scenes(const struct fl_scene_info *scenes, size_t n_scenes)
{
    struct writer w;
    if (!start(&w, 2))
        return NULL;
    text(&w, "t", "scenes");
    put_scenes(&w, scenes, n_scenes);
    return finish(&w);
}

struct fl_buf *fl_reply_opened(uint32_t view, const struct fl_map_info *map)
{
    struct writer w;
    if (!start(&w, 3))
        return NULL;
    text(&w, "t", "opened");
    number(&w, "view", view);
    put_text(&w, "map");
    put_map(&w, map, map->axis != NULL);
    return finish(&w);
}

struct fl_buf *fl_reply_loading(uint32_t view, const char *map, double done)
{
    struct writer w;
    if (!start(&w, 4))
        return NULL;
    text(&w, "t", "loading");
    number(&w, "view", view);
    text(&w, "map", map);
    real(&w, "done", done);
    return finish(&w);
}

// ---- Frames and probes

static void put_frame(struct writer *w, const struct fl_frame_head *head)
{
    text(w, "t", "frame");
    number(w, "view", head->view);
    number(w, "frame", head->frame);
    number(w, "seq", head->seq);
    text(w, "kind", head->kind);
    text(w, "enc", head->enc);
    number(w, "w", head->w);
    number(w, "h", head->h);
    cells(w, "window", head->window, 4);
    if (head->has_rows) {
        put_text(w, "rows");
        msgpack_pack_array(&w->pk, 3);
        msgpack_pack_uint32(&w->pk, head->rows[0]);
        msgpack_pack_uint32(&w->pk, head->rows[1]);
        put_flag(w, head->last);
    }
    cell(w, "cell", head->has_cell, head->cell);
    real(w, "lo", head->lo);
    real(w, "hi", head->hi);
    if (isnan(head->range[0]) || isnan(head->range[1]))
        nothing(w, "range");
    else
        reals(w, "range", head->range, 2);
    flag(w, "exact", head->exact);
    if (head->hist)
        words(w, "hist", head->hist, 64);
    cell(w, "best", head->has_best, head->best);
    if (head->vector)
        words(w, "vector", head->vector, head->d);
    put_text(w, "us");
    msgpack_pack_map(&w->pk, 4);
    number(w, "wait", head->us_wait);
    number(w, "render", head->us_render);
    number(w, "read", head->us_read);
    number(w, "encode", head->us_encode);
}

struct fl_buf *fl_reply_frame(const struct fl_frame_head *head, size_t image_len)
{
    uint8_t bin32[5] = {0xc6};
    size_t pairs =
        17 + (size_t)head->has_rows + (size_t)(head->hist != NULL) + (size_t)(head->vector != NULL);
    struct writer w;

    if (image_len > FL_MAX_FROM_SERVER || !start(&w, pairs))
        return NULL;
    put_frame(&w, head);
    // Always five bytes, so that the head's length does not depend on the image's.
    put_text(&w, "image");
    for (unsigned i = 0; i < 4; i++)
        bin32[1 + i] = (uint8_t)(image_len >> (24 - 8 * i));
    (void)write_bytes(&w, (const char *)bin32, sizeof bin32);
    if (fl_buf_len(w.buf) + image_len > FL_MAX_FROM_SERVER)
        w.failed = true;
    return finish(&w);
}

struct fl_buf *fl_reply_probed(const struct fl_probe_info *probe)
{
    struct writer w;
    if (!start(&w, 9))
        return NULL;
    text(&w, "t", "probed");
    number(&w, "view", probe->view);
    number(&w, "seq", probe->seq);
    cell(&w, "cell", probe->has_cell, probe->cell);
    real_or_nothing(&w, "s", probe->has_cell, probe->s);
    real_or_nothing(&w, "cosine", probe->has_cell, probe->cosine);
    real_or_nothing(&w, "angle", probe->has_cell, probe->angle);
    real_or_nothing(&w, "norm", probe->has_cell, probe->norm);
    words(&w, "vector", probe->vector, probe->has_cell && probe->vector ? probe->d : 0);
    return finish(&w);
}

// ---- The rest

struct fl_buf *fl_reply_error(const struct fl_error_info *info)
{
    struct writer w;
    if (!start(&w, 3 + (size_t)info->has_view + (size_t)info->has_seq))
        return NULL;
    text(&w, "t", "error");
    number(&w, "code", (uint64_t)info->error->code);
    text(&w, "message", info->error->text);
    if (info->has_view)
        number(&w, "view", info->view);
    if (info->has_seq)
        number(&w, "seq", info->seq);
    return finish(&w);
}

struct fl_buf *fl_reply_bye(const char *reason, bool retry)
{
    struct writer w;
    if (!start(&w, 3))
        return NULL;
    text(&w, "t", "bye");
    text(&w, "reason", reason);
    flag(&w, "retry", retry);
    return finish(&w);
}
