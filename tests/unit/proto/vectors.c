#include "tests/unit/proto/vectors.h"

#include "tests/unit/test.h"

#include <msgpack.h>

json_t *vectors_load_json(const char *path)
{
    const char *root = getenv("FARLOOK_SOURCE");
    char full[1024];
    json_error_t error;

    snprintf(full, sizeof full, "%s/%s", root ? root : ".", path);
    json_t *json = json_load_file(full, 0, &error);
    if (!json) {
        fprintf(stderr, "%s:%d: %s\n", full, error.line, error.text);
        exit(1);
    }
    return json;
}

size_t vectors_unhex(const char *hex, uint8_t *out, size_t size)
{
    size_t n = strlen(hex) / 2;

    EXPECT(strlen(hex) % 2 == 0 && n <= size);
    EXPECT(strspn(hex, "0123456789abcdef") == strlen(hex));
    for (size_t i = 0; i < n; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1]};
        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return n;
}

bool vectors_same_bytes(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

static void pack(msgpack_packer *pk, const char *key, json_t *json);

static void pack_str(msgpack_packer *pk, const char *text, size_t len)
{
    msgpack_pack_str(pk, len);
    msgpack_pack_str_body(pk, text, len);
}

static void pack_bin(msgpack_packer *pk, const char *key, const char *hex)
{
    uint8_t bytes[VECTORS_MAX];
    size_t len = vectors_unhex(hex, bytes, sizeof bytes);
    const uint8_t bin32[5] = {0xc6, 0, 0, (uint8_t)(len >> 8), (uint8_t)len};

    if (strcmp(key, "image") == 0) // always the long header
        pk->callback(pk->data, (const char *)bin32, sizeof bin32);
    else
        msgpack_pack_bin(pk, len);
    msgpack_pack_bin_body(pk, bytes, len);
}

static void pack_object(msgpack_packer *pk, const char *key, json_t *json)
{
    const char *name = NULL;
    json_t *value = NULL;

    if (json_object_get(json, "$f64")) {
        msgpack_pack_double(pk, json_number_value(json_object_get(json, "$f64")));
        return;
    }
    if (json_object_get(json, "$bin")) {
        pack_bin(pk, key, json_string_value(json_object_get(json, "$bin")));
        return;
    }
    msgpack_pack_map(pk, json_object_size(json));
    json_object_foreach(json, name, value)
    {
        pack_str(pk, name, strlen(name));
        pack(pk, name, value);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as our own files
static void pack(msgpack_packer *pk, const char *key, json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        pack_object(pk, key, json);
        break;
    case JSON_ARRAY:
        msgpack_pack_array(pk, json_array_size(json));
        for (size_t i = 0; i < json_array_size(json); i++)
            pack(pk, "", json_array_get(json, i));
        break;
    case JSON_STRING:
        pack_str(pk, json_string_value(json), json_string_length(json));
        break;
    case JSON_INTEGER:
        msgpack_pack_int64(pk, json_integer_value(json));
        break;
    case JSON_REAL:
        msgpack_pack_double(pk, json_real_value(json));
        break;
    case JSON_TRUE:
        msgpack_pack_true(pk);
        break;
    case JSON_FALSE:
        msgpack_pack_false(pk);
        break;
    case JSON_NULL:
        msgpack_pack_nil(pk);
        break;
    }
}

size_t vectors_pack(json_t *message, uint8_t *out, size_t size)
{
    msgpack_sbuffer sink;
    msgpack_packer pk;

    msgpack_sbuffer_init(&sink);
    msgpack_packer_init(&pk, &sink, msgpack_sbuffer_write);
    pack(&pk, "", message);
    size_t len = sink.size;
    EXPECT(len > 0 && len <= size);
    memcpy(out, sink.data, len);
    msgpack_sbuffer_destroy(&sink);
    return len;
}
