#include "tests/unit/proto/replies.h"

#include "proto/buf.h"
#include "proto/reply.h"
#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

// ---- A vector's message as the structs the replies are made from

static uint32_t u32(json_t *from, const char *key)
{
    return (uint32_t)json_integer_value(json_object_get(from, key));
}

static double real(json_t *json) // null is NaN
{
    return json_is_null(json) ? (double)NAN : json_number_value(json_object_get(json, "$f64"));
}

static bool pair(json_t *json, int32_t *out) // false: null
{
    for (size_t i = 0; i < json_array_size(json); i++)
        out[i] = (int32_t)json_integer_value(json_array_get(json, i));
    return !json_is_null(json);
}

static const char *text(json_t *from, const char *key)
{
    return json_string_value(json_object_get(from, key));
}

// Little-endian words of a $bin; returns how many, and NULL in *out without the key.
static uint32_t words(json_t *from, const char *key, void *room, size_t size, const void **out)
{
    json_t *bin = json_object_get(from, key);
    uint8_t bytes[VECTORS_MAX];

    *out = NULL;
    if (!bin)
        return 0;
    size_t len = vectors_unhex(text(bin, "$bin"), bytes, size);
    for (size_t i = 0; i < len / 4; i++) {
        uint32_t word = 0;
        for (unsigned k = 0; k < 4; k++)
            word |= (uint32_t)bytes[4 * i + k] << (8 * k);
        memcpy((char *)room + 4 * i, &word, sizeof word);
    }
    *out = room;
    return (uint32_t)(len / 4);
}

static struct fl_map_info map_info(json_t *map)
{
    struct fl_map_info info = {
        .name = text(map, "name"),
        .dtype = text(map, "dtype"),
        .w = u32(map, "w"),
        .h = u32(map, "h"),
        .d = u32(map, "d"),
        .rev = u32(map, "rev"),
        .loaded = !json_is_null(json_object_get(map, "invalid")),
        .min = real(json_object_get(map, "min")),
        .max = real(json_object_get(map, "max")),
        .invalid = (uint64_t)json_integer_value(json_object_get(map, "invalid")),
        .bytes = (uint64_t)json_integer_value(json_object_get(map, "bytes")),
    };
    json_t *axis = json_object_get(map, "axis");
    const void *values = NULL;
    if (axis) {
        static float room[16]; // one message at a time
        EXPECT_INT(words(axis, "values", room, sizeof room, &values), info.d);
        info.axis = values;
        info.axis_unit = text(axis, "unit");
    }
    for (size_t i = 0; i < 4; i++)
        info.extent[i] = real(json_array_get(json_object_get(map, "extent"), i));
    return info;
}

enum { MAX_SCENES = 4, MAX_MAPS = 4 };

struct catalogue {
    struct fl_scene_info scenes[MAX_SCENES];
    struct fl_map_info maps[MAX_SCENES][MAX_MAPS];
    size_t n;
};

static void read_scenes(json_t *message, struct catalogue *out)
{
    json_t *scenes = json_object_get(message, "scenes");

    *out = (struct catalogue){.n = json_array_size(scenes)};
    EXPECT(out->n <= MAX_SCENES);
    for (size_t i = 0; i < out->n; i++) {
        json_t *scene = json_array_get(scenes, i), *maps = json_object_get(scene, "maps");
        json_t *picture = json_object_get(scene, "picture");
        EXPECT(json_array_size(maps) <= MAX_MAPS);
        for (size_t k = 0; k < json_array_size(maps); k++)
            out->maps[i][k] = map_info(json_array_get(maps, k));
        out->scenes[i].name = text(scene, "name");
        out->scenes[i].rev = u32(scene, "rev");
        out->scenes[i].maps = out->maps[i];
        out->scenes[i].n_maps = json_array_size(maps);
        for (size_t k = 0; k < json_array_size(picture); k++)
            out->scenes[i].picture[k] = (uint32_t)json_integer_value(json_array_get(picture, k));
    }
}

// ---- One reply from one message, by type. The caller unrefs.

static struct fl_buf *make_welcome(json_t *m)
{
    json_t *server = json_object_get(m, "server"), *limits = json_object_get(m, "limits");
    struct fl_server_info info = {text(server, "version"), text(server, "gpu"),
                                  json_is_true(json_object_get(server, "software"))};
    struct fl_limits_info most = {u32(limits, "views"), u32(limits, "message"), u32(limits, "refs"),
                                  (uint64_t)json_integer_value(json_object_get(limits, "upload"))};
    struct catalogue all;

    read_scenes(m, &all);
    return fl_reply_welcome(text(m, "id"), text(m, "role"), &info, &most, all.scenes, all.n);
}

static struct fl_buf *make_scenes(json_t *m)
{
    struct catalogue all;
    read_scenes(m, &all);
    return fl_reply_scenes(all.scenes, all.n);
}

static struct fl_buf *make_opened(json_t *m)
{
    struct fl_map_info map = map_info(json_object_get(m, "map"));
    return fl_reply_opened(u32(m, "view"), &map);
}

static struct fl_buf *make_loading(json_t *m)
{
    return fl_reply_loading(u32(m, "view"), text(m, "map"), real(json_object_get(m, "done")));
}

static void put_range(json_t *range, double *out)
{
    for (size_t i = 0; i < 2; i++)
        out[i] = json_is_null(range) ? (double)NAN : real(json_array_get(range, i));
}

// Head and image in one buffer, as a viewer gets them.
static struct fl_buf *make_frame(json_t *m)
{
    json_t *us = json_object_get(m, "us");
    const char *image = text(json_object_get(m, "image"), "$bin");
    uint32_t hist[64];
    float vector[64];
    const void *hist_at = NULL, *vector_at = NULL;
    struct fl_frame_head head = {
        .view = u32(m, "view"),
        .frame = u32(m, "frame"),
        .seq = u32(m, "seq"),
        .kind = text(m, "kind"),
        .enc = text(m, "enc"),
        .w = u32(m, "w"),
        .h = u32(m, "h"),
        .lo = real(json_object_get(m, "lo")),
        .hi = real(json_object_get(m, "hi")),
        .exact = json_is_true(json_object_get(m, "exact")),
        .us_wait = u32(us, "wait"),
        .us_render = u32(us, "render"),
        .us_read = u32(us, "read"),
        .us_encode = u32(us, "encode"),
    };

    json_t *rows = json_object_get(m, "rows");

    head.has_rows = rows != NULL;
    for (size_t i = 0; rows && i < 2; i++)
        head.rows[i] = (uint32_t)json_integer_value(json_array_get(rows, i));
    head.last = json_is_true(json_array_get(rows, 2));
    (void)pair(json_object_get(m, "window"), head.window);
    head.has_cell = pair(json_object_get(m, "cell"), head.cell);
    head.has_best = pair(json_object_get(m, "best"), head.best);
    put_range(json_object_get(m, "range"), head.range);
    (void)words(m, "hist", hist, sizeof hist, &hist_at);
    head.d = words(m, "vector", vector, sizeof vector, &vector_at);
    head.hist = hist_at;
    head.vector = vector_at;

    size_t len = strlen(image) / 2;
    struct fl_buf *front = fl_reply_frame(&head, len);
    struct fl_buf *whole = front ? fl_buf_create(fl_buf_len(front) + len) : NULL;
    if (whole) {
        memcpy(fl_buf_bytes(whole), fl_buf_bytes(front), fl_buf_len(front));
        (void)vectors_unhex(image, fl_buf_bytes(whole) + fl_buf_len(front), len);
        fl_buf_set_len(whole, fl_buf_len(front) + len);
    }
    fl_buf_unref(front);
    return whole;
}

static struct fl_buf *make_probed(json_t *m)
{
    float vector[64];
    const void *vector_at = NULL;
    struct fl_probe_info probe = {
        .view = u32(m, "view"),
        .seq = u32(m, "seq"),
        .s = real(json_object_get(m, "s")),
        .cosine = real(json_object_get(m, "cosine")),
        .angle = real(json_object_get(m, "angle")),
        .norm = real(json_object_get(m, "norm")),
    };

    probe.has_cell = pair(json_object_get(m, "cell"), probe.cell);
    probe.d = words(m, "vector", vector, sizeof vector, &vector_at);
    probe.vector = vector_at;
    return fl_reply_probed(&probe);
}

static struct fl_buf *make_error(json_t *m)
{
    struct fl_error error = {0};
    struct fl_error_info info = {.error = &error, .view = u32(m, "view"), .seq = u32(m, "seq")};

    (void)fl_fail(&error, (enum fl_err)u32(m, "code"), "%s", text(m, "message"));
    info.has_view = json_object_get(m, "view") != NULL;
    info.has_seq = json_object_get(m, "seq") != NULL;
    return fl_reply_error(&info);
}

static struct fl_buf *make_bye(json_t *m)
{
    return fl_reply_bye(text(m, "reason"), json_is_true(json_object_get(m, "retry")));
}

const struct replies_type replies_types[REPLIES_TYPES] = {
    {"welcome", make_welcome}, {"scenes", make_scenes},    {"opened", make_opened},
    {"frame", make_frame},     {"frame_rows", make_frame}, {"probed", make_probed},
    {"error", make_error},     {"bye", make_bye},          {"loading", make_loading},
};
