#include "proto/reply.h"

#include "proto/buf.h"
#include "proto/msg.h"
#include "tests/unit/proto/alloc.h"
#include "tests/unit/proto/replies.h"
#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

#include <msgpack.h>

static void for_each(void (*check)(struct fl_buf *(*make)(json_t *), json_t *entry))
{
    for (size_t i = 0; i < REPLIES_TYPES; i++) {
        char path[64];
        snprintf(path, sizeof path, "proto/vectors/%s.json", replies_types[i].type);
        json_t *root = vectors_load_json(path);
        EXPECT(json_array_size(root) > 0);
        for (size_t k = 0; k < json_array_size(root); k++) {
            json_t *entry = json_array_get(root, k);
            fprintf(stderr, "  %s: %s\n", replies_types[i].type,
                    json_string_value(json_object_get(entry, "name")));
            check(replies_types[i].make, entry);
        }
        json_decref(root);
    }
}

static void check_bytes(struct fl_buf *(*make)(json_t *), json_t *entry)
{
    uint8_t wanted[VECTORS_MAX], packed[VECTORS_MAX];
    size_t len =
        vectors_unhex(json_string_value(json_object_get(entry, "hex")), wanted, sizeof wanted);
    struct fl_buf *buf = make(json_object_get(entry, "message"));

    EXPECT_INT(vectors_pack(json_object_get(entry, "message"), packed, sizeof packed), len);
    EXPECT(memcmp(packed, wanted, len) == 0);
    EXPECT(buf);
    EXPECT_INT(fl_buf_len(buf), len);
    EXPECT(memcmp(fl_buf_bytes(buf), wanted, len) == 0);
    fl_buf_unref(buf);
}

static void check_one_map(struct fl_buf *(*make)(json_t *), json_t *entry)
{
    struct fl_buf *buf = make(json_object_get(entry, "message"));
    msgpack_unpacked result;
    size_t used = 0;

    EXPECT(buf);
    msgpack_unpacked_init(&result);
    EXPECT_INT(
        msgpack_unpack_next(&result, (const char *)fl_buf_bytes(buf), fl_buf_len(buf), &used),
        MSGPACK_UNPACK_SUCCESS);
    EXPECT_INT(used, fl_buf_len(buf));
    EXPECT_INT(result.data.type, MSGPACK_OBJECT_MAP);
    EXPECT_INT(result.data.via.map.size, json_object_size(json_object_get(entry, "message")));
    EXPECT_INT(result.data.via.map.ptr[0].key.via.str.size, 1);
    EXPECT_INT(result.data.via.map.ptr[0].key.via.str.ptr[0], 't');
    msgpack_unpacked_destroy(&result);
    fl_buf_unref(buf);
}

static void check_without_memory(struct fl_buf *(*make)(json_t *), json_t *entry)
{
    json_t *message = json_object_get(entry, "message");
    struct fl_buf *buf = NULL;

    alloc_count = 0;
    buf = make(message);
    unsigned wanted = alloc_count;
    EXPECT(buf && wanted > 0);
    fl_buf_unref(buf);
    for (unsigned n = 1; n <= wanted; n++) {
        alloc_fail_at = n;
        EXPECT(make(message) == NULL);
        EXPECT_INT(alloc_fail_at, 0);
    }
}

static void test_replies_are_their_vectors(void)
{
    for_each(check_bytes);
}

static void test_msgpack_c_reads_each_as_one_map_that_starts_with_t(void)
{
    for_each(check_one_map);
}

static void test_without_memory_there_is_no_reply_and_no_leak(void)
{
    for_each(check_without_memory);
}

static void test_a_big_catalogue_grows_and_one_over_the_limit_is_refused(void)
{
    enum { MANY = 60000 };
    struct fl_map_info *maps = calloc(MANY, sizeof *maps);
    struct fl_scene_info scene = {.name = "s", .maps = maps};
    struct fl_buf *buf = NULL;

    EXPECT(maps);
    for (size_t i = 0; i < MANY; i++)
        maps[i] = (struct fl_map_info){.name = "a layer with a name", .dtype = "f4"};
    scene.n_maps = 1;
    buf = fl_reply_scenes(&scene, 1);
    EXPECT(buf);
    size_t one = fl_buf_len(buf);
    fl_buf_unref(buf);
    scene.n_maps = 2;
    buf = fl_reply_scenes(&scene, 1);
    EXPECT(buf);
    size_t each = fl_buf_len(buf) - one;
    fl_buf_unref(buf);

    size_t most = (FL_MAX_FROM_SERVER - one - 2) / each + 1; // 2: the array's longer header
    EXPECT(most + 1 < MANY);
    scene.n_maps = most;
    buf = fl_reply_scenes(&scene, 1);
    EXPECT(buf);
    EXPECT(fl_buf_len(buf) <= FL_MAX_FROM_SERVER && fl_buf_len(buf) + each > FL_MAX_FROM_SERVER);
    fl_buf_unref(buf);
    scene.n_maps = most + 1;
    EXPECT(fl_reply_scenes(&scene, 1) == NULL);
    free(maps);
}

static void test_a_frame_is_measured_with_its_image(void)
{
    struct fl_frame_head head = {.kind = "scalar", .enc = "png"};
    struct fl_buf *buf = fl_reply_frame(&head, 0);

    EXPECT(buf);
    size_t front = fl_buf_len(buf);
    fl_buf_unref(buf);
    buf = fl_reply_frame(&head, FL_MAX_FROM_SERVER - front);
    EXPECT(buf);
    EXPECT_INT(fl_buf_len(buf), front);
    const uint8_t *last = fl_buf_bytes(buf) + front - 5;
    EXPECT(last[0] == 0xc6);
    EXPECT_INT((uint32_t)last[1] << 24 | (uint32_t)last[2] << 16 | (uint32_t)last[3] << 8 | last[4],
               FL_MAX_FROM_SERVER - front);
    fl_buf_unref(buf);
    EXPECT(fl_reply_frame(&head, FL_MAX_FROM_SERVER - front + 1) == NULL);
    EXPECT(fl_reply_frame(&head, SIZE_MAX) == NULL);
}

static void test_a_long_vector_arrives_whole(void)
{
    static float vector[FL_MAX_CHANNELS];
    struct fl_probe_info probe = {.has_cell = true, .vector = vector, .d = FL_MAX_CHANNELS};

    for (size_t i = 0; i < FL_MAX_CHANNELS; i++)
        vector[i] = (float)i - 0.5f;
    struct fl_buf *buf = fl_reply_probed(&probe);
    EXPECT(buf);
    const uint8_t *at = fl_buf_bytes(buf) + fl_buf_len(buf) - sizeof vector;
    EXPECT(at[-5] == 0xc6 && at[-4] == 0 && at[-3] == 4 && at[-2] == 0 && at[-1] == 0);
    for (size_t i = 0; i < FL_MAX_CHANNELS; i++) {
        uint32_t word = at[4 * i] | (uint32_t)at[4 * i + 1] << 8 | (uint32_t)at[4 * i + 2] << 16 |
                        (uint32_t)at[4 * i + 3] << 24;
        float value = 0;
        memcpy(&value, &word, sizeof value);
        EXPECT(value == vector[i]);
    }
    fl_buf_unref(buf);
}

static void test_text_that_is_not_utf8_is_sent_as_text(void)
{
    static const struct {
        const char *raw, *sent;
    } cases[] = {
        {"plain", "plain"}, {"", ""},        {"caf\xc3\xa9", "caf\xc3\xa9"}, {"caf\xe9", "caf?"},
        {"\xff\xfe", "??"}, {"a\xc3", "a?"}, {"a\xe2\x82z", "a??z"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fl_buf *buf = fl_reply_bye(cases[i].raw, false);
        struct fl_buf *same = fl_reply_bye(cases[i].sent, false);
        EXPECT(buf && same);
        EXPECT_INT(fl_buf_len(buf), fl_buf_len(same));
        EXPECT(memcmp(fl_buf_bytes(buf), fl_buf_bytes(same), fl_buf_len(same)) == 0);
        fl_buf_unref(buf);
        fl_buf_unref(same);
    }
}

int main(void)
{
    RUN(test_replies_are_their_vectors);
    RUN(test_msgpack_c_reads_each_as_one_map_that_starts_with_t);
    RUN(test_without_memory_there_is_no_reply_and_no_leak);
    RUN(test_a_big_catalogue_grows_and_one_over_the_limit_is_refused);
    RUN(test_a_frame_is_measured_with_its_image);
    RUN(test_a_long_vector_arrives_whole);
    RUN(test_text_that_is_not_utf8_is_sent_as_text);
    return 0;
}
