#include "proto/msg.h"

#include "tests/unit/proto/alloc.h"
#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

#include <msgpack.h>

static const char *const types[] = {"hello", "open",   "set",  "probe",  "ack",    "close",
                                    "pause", "resume", "lead", "follow", "release"};

// Every entry of every file of a client's messages.
static void for_each(void (*check)(json_t *entry, const uint8_t *bytes, size_t len))
{
    EXPECT_INT(sizeof types / sizeof *types, FL_MSG_TYPES);
    for (size_t i = 0; i < FL_MSG_TYPES; i++) {
        char path[64];
        snprintf(path, sizeof path, "proto/vectors/%s.json", types[i]);
        json_t *root = vectors_load_json(path);
        EXPECT(json_array_size(root) > 0);
        for (size_t k = 0; k < json_array_size(root); k++) {
            json_t *entry = json_array_get(root, k);
            uint8_t bytes[VECTORS_MAX];
            size_t len = vectors_unhex(json_string_value(json_object_get(entry, "hex")), bytes,
                                       sizeof bytes);
            fprintf(stderr, "  %s: %s\n", types[i],
                    json_string_value(json_object_get(entry, "name")));
            check(entry, bytes, len);
        }
        json_decref(root);
    }
}

static enum fl_err decode(const void *bytes, size_t len, struct fl_msg *out)
{
    struct fl_error error = {0};
    // A copy of exactly this size, so that AddressSanitizer sees every step beyond it.
    uint8_t *copy = malloc(len ? len : 1);
    EXPECT(copy);
    memcpy(copy, bytes, len);
    enum fl_err err = fl_msg_decode(copy, len, out, &error);
    free(copy);
    EXPECT_INT(error.code, err);
    EXPECT((err != FL_OK) == (error.text[0] != 0));
    return err;
}

static struct fl_msg decoded(json_t *message)
{
    struct fl_msg msg;
    uint8_t bytes[VECTORS_MAX];
    EXPECT_INT(decode(bytes, vectors_pack(message, bytes, sizeof bytes), &msg), FL_OK);
    return msg;
}

static bool is_zero(const struct fl_msg *msg)
{
    static const struct fl_msg zero;
    return vectors_same_bytes(msg, &zero, sizeof zero);
}

static void check_both_ways(json_t *entry, const uint8_t *bytes, size_t len)
{
    uint8_t again[VECTORS_MAX];
    struct fl_msg msg, same;
    size_t n = 0;

    EXPECT_INT(decode(bytes, len, &msg), FL_OK);
    if (json_is_true(json_object_get(entry, "decode_only"))) {
        same = decoded(json_object_get(entry, "message"));
        EXPECT(vectors_same_bytes(&msg, &same, sizeof msg));
        return;
    }
    n = vectors_pack(json_object_get(entry, "message"), again, sizeof again);
    EXPECT_INT(n, len);
    EXPECT(memcmp(again, bytes, len) == 0);
    n = fl_msg_encode(&msg, again, sizeof again);
    EXPECT_INT(n, len);
    EXPECT(memcmp(again, bytes, len) == 0);
}

static void check_type_and_numbers(json_t *entry, const uint8_t *bytes, size_t len)
{
    json_t *message = json_object_get(entry, "message");
    json_t *view = json_object_get(message, "view"), *seq = json_object_get(message, "seq");
    struct fl_msg msg;

    EXPECT_INT(decode(bytes, len, &msg), FL_OK);
    EXPECT(strcmp(types[msg.type], json_string_value(json_object_get(message, "t"))) == 0);
    EXPECT_INT(msg.has_view, view != NULL);
    EXPECT_INT(msg.has_seq, seq != NULL);
    if (view)
        EXPECT_INT(msg.close.view, json_integer_value(view));
    if (seq)
        EXPECT_INT(msg.probe.seq, json_integer_value(seq));
}

static void check_cuts(json_t *entry, const uint8_t *bytes, size_t len)
{
    (void)entry;
    for (size_t n = 0; n < len; n++) {
        struct fl_msg msg;
        memset(&msg, 1, sizeof msg);
        EXPECT_INT(decode(bytes, n, &msg), FL_ERR_MALFORMED);
        EXPECT(is_zero(&msg));
    }
}

static void check_small_buffers(json_t *entry, const uint8_t *bytes, size_t len)
{
    uint8_t again[VECTORS_MAX];
    struct fl_msg msg;

    (void)entry;
    EXPECT_INT(decode(bytes, len, &msg), FL_OK);
    size_t whole = fl_msg_encode(&msg, again, sizeof again);
    EXPECT(whole > 0);
    for (size_t n = 0; n < whole; n++)
        EXPECT_INT(fl_msg_encode(&msg, again, n), 0);
    EXPECT_INT(fl_msg_encode(&msg, again, whole), whole);
}

static void check_second_opinion(json_t *entry, const uint8_t *bytes, size_t len)
{
    msgpack_unpacked result;
    size_t used = 0;

    (void)entry;
    msgpack_unpacked_init(&result);
    EXPECT_INT(msgpack_unpack_next(&result, (const char *)bytes, len, &used),
               MSGPACK_UNPACK_SUCCESS);
    EXPECT_INT(used, len);
    EXPECT_INT(result.data.type, MSGPACK_OBJECT_MAP);
    msgpack_unpacked_destroy(&result);
}

static void check_no_allocation(json_t *entry, const uint8_t *bytes, size_t len)
{
    struct fl_msg msg;
    uint8_t again[VECTORS_MAX];

    (void)entry;
    alloc_count = 0;
    EXPECT_INT(fl_msg_decode(bytes, len, &msg, NULL), FL_OK);
    EXPECT(fl_msg_encode(&msg, again, sizeof again) > 0);
    EXPECT_INT(alloc_count, 0);
}

static void test_messages_are_their_vectors_both_ways(void)
{
    for_each(check_both_ways);
    for_each(check_type_and_numbers);
}

static void test_every_cut_of_a_message_is_malformed(void)
{
    for_each(check_cuts);
}

static void test_a_message_that_does_not_fit_is_not_written(void)
{
    for_each(check_small_buffers);
}

static void test_msgpack_c_reads_the_same_bytes_as_one_map(void)
{
    for_each(check_second_opinion);
}

static void test_messages_cost_no_allocation(void)
{
    for_each(check_no_allocation);
}

static enum fl_err code_of(const char *name) // README.md's
{
    if (strcmp(name, "range") == 0)
        return FL_ERR_RANGE;
    if (strcmp(name, "unknown type") == 0)
        return FL_ERR_UNKNOWN_TYPE;
    EXPECT(strcmp(name, "malformed") == 0);
    return FL_ERR_MALFORMED;
}

static void check_refused(json_t *entry)
{
    struct fl_error error = {0};
    struct fl_msg msg;
    uint8_t bytes[VECTORS_MAX];
    char quoted[64] = "";
    const char *names = json_string_value(json_object_get(entry, "names"));
    size_t len =
        vectors_unhex(json_string_value(json_object_get(entry, "hex")), bytes, sizeof bytes);

    fprintf(stderr, "  %s\n", json_string_value(json_object_get(entry, "why")));
    memset(&msg, 1, sizeof msg);
    alloc_count = 0;
    enum fl_err err = fl_msg_decode(bytes, len, &msg, &error);
    EXPECT_INT(alloc_count, 0);
    EXPECT_INT(err, code_of(json_string_value(json_object_get(entry, "error"))));
    EXPECT(err == FL_ERR_RANGE || is_zero(&msg));
    EXPECT(error.text[0] != 0 && error.text[strlen(error.text) - 1] == '.');
    if (names)
        snprintf(quoted, sizeof quoted, "'%s'", names);
    EXPECT(strstr(error.text, quoted));
}

static void test_bad_messages_are_refused_with_a_sentence_and_no_allocation(void)
{
    json_t *root = vectors_load_json("proto/vectors/malformed.json");

    EXPECT(json_array_size(root) > 100);
    for (size_t i = 0; i < json_array_size(root); i++)
        check_refused(json_array_get(root, i));
    json_decref(root);
}

// The text is MessagePack's JSON as in the vectors.
static enum fl_err decode_text(const char *text, struct fl_msg *out)
{
    uint8_t bytes[VECTORS_MAX];
    json_t *message = json_loads(text, 0, NULL);
    EXPECT(message);
    size_t len = vectors_pack(message, bytes, sizeof bytes);
    json_decref(message);
    return decode(bytes, len, out);
}

static void test_an_answer_to_a_value_out_of_range_can_name_view_and_seq(void)
{
    struct fl_msg msg;

    EXPECT_INT(
        decode_text("{\"t\":\"set\",\"opacity\":2,\"seq\":7,\"view\":3,\"channel\":4}", &msg),
        FL_ERR_RANGE);
    EXPECT_INT(msg.type, FL_MSG_SET);
    EXPECT(msg.has_view && msg.has_seq);
    EXPECT_INT(msg.close.view, 3);
    EXPECT_INT(msg.probe.seq, 7);
    EXPECT_INT(msg.set.set.has, 0);
    EXPECT_INT(msg.set.set.to.channel, 0);

    EXPECT_INT(decode_text("{\"t\":\"probe\",\"view\":64,\"seq\":9,\"at\":[1,2]}", &msg),
               FL_ERR_RANGE);
    EXPECT_INT(msg.type, FL_MSG_PROBE);
    EXPECT(!msg.has_view && msg.has_seq);
    EXPECT_INT(msg.close.view, 0);
    EXPECT_INT(msg.probe.seq, 9);
    EXPECT_INT((int)msg.probe.at[0], 0);

    EXPECT_INT(decode_text("{\"t\":\"hello\",\"v\":-1}", &msg), FL_ERR_RANGE);
    EXPECT_INT(msg.type, FL_MSG_HELLO);
    EXPECT(!msg.has_view && !msg.has_seq);
}

static void test_fields_land_where_they_belong(void)
{
    struct fl_msg msg;
    const struct fl_state *to = &msg.set.set.to;

    EXPECT_INT(decode_text("{\"t\":\"hello\",\"v\":1,\"token\":\"a\",\"session\":\"b\","
                           "\"name\":\"c\",\"resume\":\"d\"}",
                           &msg),
               FL_OK);
    EXPECT_INT(msg.hello.v, 1);
    EXPECT(strcmp(msg.hello.token, "a") == 0 && strcmp(msg.hello.session, "b") == 0);
    EXPECT(strcmp(msg.hello.name, "c") == 0 && strcmp(msg.hello.resume, "d") == 0);

    EXPECT_INT(decode_text("{\"t\":\"open\",\"view\":5,\"map\":\"a/b\"}", &msg), FL_OK);
    EXPECT(msg.open.view == 5 && strcmp(msg.open.map, "a/b") == 0);

    EXPECT_INT(
        decode_text("{\"t\":\"probe\",\"view\":5,\"seq\":6,\"at\":[1,2],\"from\":[3,4]}", &msg),
        FL_OK);
    EXPECT(msg.probe.view == 5 && msg.probe.seq == 6 && msg.probe.has_from);
    EXPECT_NEAR(msg.probe.at[0] + 10 * msg.probe.at[1], 21, 0);
    EXPECT_NEAR(msg.probe.from[0] + 10 * msg.probe.from[1], 43, 0);

    EXPECT_INT(decode_text("{\"t\":\"ack\",\"frame\":7,\"us\":8}", &msg), FL_OK);
    EXPECT(msg.ack.frame == 7 && msg.ack.us == 8);

    EXPECT_INT(decode_text("{\"t\":\"set\",\"view\":1,\"seq\":2,\"refs\":[[1,2,1],[3,4,-1]],"
                           "\"from\":\"a/b\",\"mode\":\"norm\",\"channel\":9,\"metric\":\"l2\","
                           "\"origin\":\"min\",\"stretch\":[\"fixed\",-1,2],"
                           "\"window\":[1,2,3,4],\"size\":[5,6],\"kind\":\"colour\","
                           "\"vector\":true,\"colormap\":\"turbo_r\",\"opacity\":0.25,"
                           "\"picture\":\"none\"}",
                           &msg),
               FL_OK);
    EXPECT(msg.set.view == 1 && msg.set.seq == 2);
    EXPECT_INT(msg.set.set.has, (FL_SET_PICTURE << 1) - 1);
    EXPECT(to->n_refs == 2 && !to->has_region && to->refs[0].sign == 1 && to->refs[1].sign == -1);
    EXPECT_NEAR(to->refs[0].x + 10 * to->refs[0].y, 21, 0);
    EXPECT_NEAR(to->refs[1].x + 10 * to->refs[1].y, 43, 0);
    EXPECT(strcmp(to->from, "a/b") == 0 && to->mode == FL_MODE_NORM && to->channel == 9);
    EXPECT(to->metric == FL_METRIC_L2 && to->origin == FL_ORIGIN_MIN);
    EXPECT_INT(to->stretch.kind, FL_STRETCH_FIXED);
    EXPECT_NEAR(to->stretch.a + 10 * to->stretch.b, 19, 0);
    EXPECT(to->has_window && to->window[0] == 1 && to->window[1] == 2 && to->window[2] == 3 &&
           to->window[3] == 4);
    EXPECT(to->size[0] == 5 && to->size[1] == 6 && to->kind == FL_KIND_COLOUR && to->vector);
    EXPECT(to->colormap == FL_COLORMAP_TURBO && to->reversed && to->picture == FL_UNDER_NONE);
    EXPECT_NEAR(to->opacity, 0.25, 0);

    EXPECT_INT(decode_text("{\"t\":\"set\",\"view\":1,\"seq\":2,\"region\":[1,2,3,4],"
                           "\"window\":null}",
                           &msg),
               FL_OK);
    EXPECT_INT(msg.set.set.has, FL_SET_REF | FL_SET_WINDOW);
    EXPECT(to->has_region && to->n_refs == 0 && !to->has_window);
    EXPECT_NEAR(to->region[0] + 10 * to->region[1] + 100 * to->region[2] + 1000 * to->region[3],
                4321, 0);
}

static void test_values_at_the_edge_of_their_range_are_taken(void)
{
    static const char *const edges[] = {
        "\"opacity\":0",
        "\"opacity\":1",
        "\"opacity\":1.0",
        "\"channel\":0",
        "\"channel\":65535",
        "\"window\":[0,0,1,1]",
        "\"window\":[1048575,1048575,1048576,1048576]",
        "\"size\":[0,0]",
        "\"size\":[16384,16384]",
        "\"stretch\":[\"percentile\",0,100]",
        "\"stretch\":[\"fixed\",1.5,1.5]",
        "\"region\":[1,2,1,2]",
        "\"ref\":[-1e300,1e300]",
        "\"ref\":[9007199254740993,-9223372036854775807]",
    };

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        struct fl_msg msg;
        char text[256];
        fprintf(stderr, "  %s\n", edges[i]);
        snprintf(text, sizeof text, "{\"t\":\"set\",\"view\":63,\"seq\":4294967295,%s}", edges[i]);
        EXPECT_INT(decode_text(text, &msg), FL_OK);
    }
}

static void test_texts_may_fill_their_room_to_the_last_byte(void)
{
    struct fl_msg msg;
    char text[512], name[256];

    memset(name, 'x', sizeof name);
    snprintf(text, sizeof text, "{\"t\":\"open\",\"view\":0,\"map\":\"%.255s\"}", name);
    EXPECT_INT(decode_text(text, &msg), FL_OK);
    EXPECT_INT(strlen(msg.open.map), FL_MAX_NAME - 1);
    snprintf(text, sizeof text, "{\"t\":\"hello\",\"v\":1,\"name\":\"%.127s\"}", name);
    EXPECT_INT(decode_text(text, &msg), FL_OK);
    EXPECT_INT(strlen(msg.hello.name), FL_MAX_TEXT - 1);
}

static void test_enums_without_a_name_are_not_written(void)
{
    uint8_t bytes[VECTORS_MAX];
    struct fl_msg msg = {.type = FL_MSG_SET};

    EXPECT(fl_msg_encode(&msg, bytes, sizeof bytes) > 0);
    msg.set.set.has = FL_SET_METRIC;
    msg.set.set.to.metric = FL_METRICS;
    EXPECT_INT(fl_msg_encode(&msg, bytes, sizeof bytes), 0);
    msg.set.set.has = FL_SET_COLORMAP;
    msg.set.set.to.colormap = FL_COLORMAPS;
    EXPECT_INT(fl_msg_encode(&msg, bytes, sizeof bytes), 0);
    msg.type = FL_MSG_TYPES;
    EXPECT_INT(fl_msg_encode(&msg, bytes, sizeof bytes), 0);
}

int main(void)
{
    RUN(test_messages_are_their_vectors_both_ways);
    RUN(test_every_cut_of_a_message_is_malformed);
    RUN(test_a_message_that_does_not_fit_is_not_written);
    RUN(test_msgpack_c_reads_the_same_bytes_as_one_map);
    RUN(test_messages_cost_no_allocation);
    RUN(test_bad_messages_are_refused_with_a_sentence_and_no_allocation);
    RUN(test_an_answer_to_a_value_out_of_range_can_name_view_and_seq);
    RUN(test_fields_land_where_they_belong);
    RUN(test_values_at_the_edge_of_their_range_are_taken);
    RUN(test_texts_may_fill_their_room_to_the_last_byte);
    RUN(test_enums_without_a_name_are_not_written);
    return 0;
}
