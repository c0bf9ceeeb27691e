// What is said of maps: facts that are not known, or of which there are none, are null.
#include "server/data/source.h"
#include "server/session/inner.h"
#include "test.h"

#include "proto/buf.h"

#include <msgpack.h>

enum { W = 5, H = 4, D = 3, N = W * H * D };

struct said { // of one map
    bool has_min, has_max, has_invalid;
    double min, max, invalid;
};

static void read_number(const msgpack_object *value, bool *has, double *out)
{
    *has = value->type != MSGPACK_OBJECT_NIL;
    if (value->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
        *out = (double)value->via.u64;
    else if (*has)
        *out = value->via.f64;
}

static bool is(const msgpack_object *key, const char *text)
{
    return key->via.str.size == strlen(text) && memcmp(key->via.str.ptr, text, strlen(text)) == 0;
}

static struct said read_map(const msgpack_object *map)
{
    struct said said = {0};

    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *pair = &map->via.map.ptr[i];
        if (is(&pair->key, "min"))
            read_number(&pair->val, &said.has_min, &said.min);
        else if (is(&pair->key, "max"))
            read_number(&pair->val, &said.has_max, &said.max);
        else if (is(&pair->key, "invalid"))
            read_number(&pair->val, &said.has_invalid, &said.invalid);
    }
    return said;
}

// What `opened` says of a map of these values, before or after it was loaded.
static struct said opened(const float values[N], bool load)
{
    struct fl_map_source source = fl_map_source_of(values, W, H, D);
    struct fl_view view = {.map = fl_map_create("m", &source, (double[]){0, 0, W, H})};
    struct said said = {0};
    msgpack_unpacked message;

    if (load)
        EXPECT_INT(fl_map_load(view.map, FL_NORMS_ZERO, NULL), FL_OK);
    struct fl_buf *buf = fl_info_opened(&view);
    msgpack_unpacked_init(&message);
    EXPECT(msgpack_unpack_next(&message, (const char *)fl_buf_bytes(buf), fl_buf_len(buf), NULL) ==
           MSGPACK_UNPACK_SUCCESS);
    for (uint32_t i = 0; i < message.data.via.map.size; i++)
        if (is(&message.data.via.map.ptr[i].key, "map"))
            said = read_map(&message.data.via.map.ptr[i].val);
    msgpack_unpacked_destroy(&message);
    fl_buf_unref(buf);
    fl_map_unref(view.map);
    return said;
}

static void fill(float values[N], float value)
{
    for (int i = 0; i < N; i++)
        values[i] = value;
}

static void test_what_is_not_loaded_is_null(void)
{
    float values[N];

    fill(values, 2);
    struct said said = opened(values, false);
    EXPECT(!said.has_min && !said.has_max && !said.has_invalid);
    said = opened(values, true);
    EXPECT(said.has_min && said.min == 2 && said.has_max && said.max == 2);
    EXPECT(said.has_invalid && said.invalid == 0);
}

static void test_a_map_without_a_finite_value_has_no_range(void)
{
    static const float nothings[] = {NAN, INFINITY, -INFINITY};
    float values[N];

    for (size_t k = 0; k < sizeof nothings / sizeof *nothings; k++) {
        fill(values, nothings[k]);
        struct said said = opened(values, true);
        EXPECT(!said.has_min && !said.has_max);
        EXPECT(said.has_invalid && said.invalid == W * H);
    }
    fill(values, NAN);
    values[7] = -3; // one alone
    struct said said = opened(values, true);
    EXPECT(said.has_min && said.min == -3 && said.has_max && said.max == -3);
}

int main(void)
{
    RUN(test_what_is_not_loaded_is_null);
    RUN(test_a_map_without_a_finite_value_has_no_range);
    return 0;
}
