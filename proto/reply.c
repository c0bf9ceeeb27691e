#include "reply.h"

#include "buf.h"
#include "writer.h"

#include <math.h>

// ---- The catalogue

static void put_axis(struct fl_writer *w, const struct fl_map_info *map)
{
    fl_writer_put_text(w, "axis");
    msgpack_pack_map(&w->pk, 2);
    fl_writer_text(w, "unit", map->axis_unit);
    fl_writer_words(w, "values", map->axis, map->d);
}

static void put_map(struct fl_writer *w, const struct fl_map_info *map, bool with_axis)
{
    msgpack_pack_map(&w->pk, with_axis ? 12 : 11);
    fl_writer_text(w, "name", map->name);
    fl_writer_number(w, "w", map->w);
    fl_writer_number(w, "h", map->h);
    fl_writer_number(w, "d", map->d);
    fl_writer_reals(w, "extent", map->extent, 4);
    fl_writer_real_or_nothing(w, "min", map->loaded, map->min);
    fl_writer_real_or_nothing(w, "max", map->loaded, map->max);
    if (map->loaded)
        fl_writer_number(w, "invalid", map->invalid);
    else
        fl_writer_nothing(w, "invalid");
    fl_writer_text(w, "dtype", map->dtype);
    fl_writer_number(w, "bytes", map->bytes);
    fl_writer_number(w, "rev", map->rev);
    if (with_axis)
        put_axis(w, map);
}

static void put_scenes(struct fl_writer *w, const struct fl_scene_info *scenes, size_t n)
{
    fl_writer_put_text(w, "scenes");
    msgpack_pack_array(&w->pk, n);
    for (const struct fl_scene_info *scene = scenes; scene < scenes + n; scene++) {
        msgpack_pack_map(&w->pk, 4);
        fl_writer_text(w, "name", scene->name);
        fl_writer_put_text(w, "picture");
        if (scene->picture[0] > 0 && scene->picture[1] > 0) {
            msgpack_pack_array(&w->pk, 2);
            msgpack_pack_uint32(&w->pk, scene->picture[0]);
            msgpack_pack_uint32(&w->pk, scene->picture[1]);
        } else {
            msgpack_pack_nil(&w->pk);
        }
        fl_writer_number(w, "rev", scene->rev);
        fl_writer_put_text(w, "maps");
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
    struct fl_writer w;
    if (!fl_writer_start(&w, 7))
        return NULL;
    fl_writer_text(&w, "t", "welcome");
    fl_writer_number(&w, "v", 1);
    fl_writer_text(&w, "id", id);
    fl_writer_text(&w, "role", role);
    fl_writer_put_text(&w, "server");
    msgpack_pack_map(&w.pk, 3);
    fl_writer_text(&w, "version", server->version);
    fl_writer_text(&w, "gpu", server->gpu);
    fl_writer_flag(&w, "software", server->software);
    fl_writer_put_text(&w, "limits");
    msgpack_pack_map(&w.pk, 4);
    fl_writer_number(&w, "views", limits->views);
    fl_writer_number(&w, "message", limits->message);
    fl_writer_number(&w, "refs", limits->refs);
    fl_writer_number(&w, "upload", limits->upload);
    put_scenes(&w, scenes, n_scenes);
    return fl_writer_finish(&w);
}

struct fl_buf *fl_reply_scenes(const struct fl_scene_info *scenes, size_t n_scenes)
{
    struct fl_writer w;
    if (!fl_writer_start(&w, 2))
        return NULL;
    fl_writer_text(&w, "t", "scenes");
    put_scenes(&w, scenes, n_scenes);
    return fl_writer_finish(&w);
}

struct fl_buf *fl_reply_opened(uint32_t view, const struct fl_map_info *map)
{
    struct fl_writer w;
    if (!fl_writer_start(&w, 3))
        return NULL;
    fl_writer_text(&w, "t", "opened");
    fl_writer_number(&w, "view", view);
    fl_writer_put_text(&w, "map");
    put_map(&w, map, map->axis != NULL);
    return fl_writer_finish(&w);
}

struct fl_buf *fl_reply_loading(uint32_t view, const char *map, double done)
{
    struct fl_writer w;
    if (!fl_writer_start(&w, 4))
        return NULL;
    fl_writer_text(&w, "t", "loading");
    fl_writer_number(&w, "view", view);
    fl_writer_text(&w, "map", map);
    fl_writer_real(&w, "done", done);
    return fl_writer_finish(&w);
}

// ---- Frames and probes

static void put_frame(struct fl_writer *w, const struct fl_frame_head *head)
{
    fl_writer_text(w, "t", "frame");
    fl_writer_number(w, "view", head->view);
    fl_writer_number(w, "frame", head->frame);
    fl_writer_number(w, "seq", head->seq);
    fl_writer_text(w, "kind", head->kind);
    fl_writer_text(w, "enc", head->enc);
    fl_writer_number(w, "w", head->w);
    fl_writer_number(w, "h", head->h);
    fl_writer_cells(w, "window", head->window, 4);
    if (head->has_rows) {
        fl_writer_put_text(w, "rows");
        msgpack_pack_array(&w->pk, 3);
        msgpack_pack_uint32(&w->pk, head->rows[0]);
        msgpack_pack_uint32(&w->pk, head->rows[1]);
        fl_writer_put_flag(w, head->last);
    }
    fl_writer_cell(w, "cell", head->has_cell, head->cell);
    fl_writer_real(w, "lo", head->lo);
    fl_writer_real(w, "hi", head->hi);
    if (isnan(head->range[0]) || isnan(head->range[1]))
        fl_writer_nothing(w, "range");
    else
        fl_writer_reals(w, "range", head->range, 2);
    fl_writer_flag(w, "exact", head->exact);
    if (head->hist)
        fl_writer_words(w, "hist", head->hist, 64);
    fl_writer_cell(w, "best", head->has_best, head->best);
    if (head->vector)
        fl_writer_words(w, "vector", head->vector, head->d);
    fl_writer_put_text(w, "us");
    msgpack_pack_map(&w->pk, 4);
    fl_writer_number(w, "wait", head->us_wait);
    fl_writer_number(w, "render", head->us_render);
    fl_writer_number(w, "read", head->us_read);
    fl_writer_number(w, "encode", head->us_encode);
}

struct fl_buf *fl_reply_frame(const struct fl_frame_head *head, size_t image_len)
{
    uint8_t bin32[5] = {0xc6};
    size_t pairs =
        17 + (size_t)head->has_rows + (size_t)(head->hist != NULL) + (size_t)(head->vector != NULL);
    struct fl_writer w;

    if (image_len > FL_MAX_FROM_SERVER || !fl_writer_start(&w, pairs))
        return NULL;
    put_frame(&w, head);
    // Always five bytes, so that the head's length does not depend on the image's.
    fl_writer_put_text(&w, "image");
    for (unsigned i = 0; i < 4; i++)
        bin32[1 + i] = (uint8_t)(image_len >> (24 - 8 * i));
    msgpack_pack_str_body(&w.pk, bin32, sizeof bin32);
    if (fl_buf_len(w.buf) + image_len > FL_MAX_FROM_SERVER)
        w.failed = true;
    return fl_writer_finish(&w);
}

struct fl_buf *fl_reply_probed(const struct fl_probe_info *probe)
{
    struct fl_writer w;
    if (!fl_writer_start(&w, 9))
        return NULL;
    fl_writer_text(&w, "t", "probed");
    fl_writer_number(&w, "view", probe->view);
    fl_writer_number(&w, "seq", probe->seq);
    fl_writer_cell(&w, "cell", probe->has_cell, probe->cell);
    fl_writer_real_or_nothing(&w, "s", probe->has_cell, probe->s);
    fl_writer_real_or_nothing(&w, "cosine", probe->has_cell, probe->cosine);
    fl_writer_real_or_nothing(&w, "angle", probe->has_cell, probe->angle);
    fl_writer_real_or_nothing(&w, "norm", probe->has_cell, probe->norm);
    fl_writer_words(&w, "vector", probe->vector, probe->has_cell && probe->vector ? probe->d : 0);
    return fl_writer_finish(&w);
}

// ---- The rest

struct fl_buf *fl_reply_error(const struct fl_error_info *info)
{
    struct fl_writer w;
    if (!fl_writer_start(&w, 3 + (size_t)info->has_view + (size_t)info->has_seq))
        return NULL;
    fl_writer_text(&w, "t", "error");
    fl_writer_number(&w, "code", (uint64_t)info->error->code);
    fl_writer_text(&w, "message", info->error->text);
    if (info->has_view)
        fl_writer_number(&w, "view", info->view);
    if (info->has_seq)
        fl_writer_number(&w, "seq", info->seq);
    return fl_writer_finish(&w);
}

struct fl_buf *fl_reply_bye(const char *reason, bool retry)
{
    struct fl_writer w;
    if (!fl_writer_start(&w, 3))
        return NULL;
    fl_writer_text(&w, "t", "bye");
    fl_writer_text(&w, "reason", reason);
    fl_writer_flag(&w, "retry", retry);
    return fl_writer_finish(&w);
}
