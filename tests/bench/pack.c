#include "pack.h"

#include <string.h>

static void put(struct pack *pack, const void *bytes, size_t len)
{
    if (len > sizeof pack->bytes - pack->len)
        return;
    memcpy(pack->bytes + pack->len, bytes, len);
    pack->len += len;
}

static void put_byte(struct pack *pack, unsigned byte)
{
    put(pack, &(uint8_t){(uint8_t)byte}, 1);
}

void pack_map(struct pack *pack, unsigned pairs)
{
    put_byte(pack, 0x80 | pairs);
}

void pack_array(struct pack *pack, unsigned n)
{
    put_byte(pack, 0x90 | n);
}

void pack_str(struct pack *pack, const char *text)
{
    size_t len = strlen(text);

    put_byte(pack, 0xd9);
    put_byte(pack, (unsigned)len);
    put(pack, text, len);
}

void pack_uint(struct pack *pack, uint32_t value)
{
    put_byte(pack, 0xce);
    for (int shift = 24; shift >= 0; shift -= 8)
        put_byte(pack, value >> shift & 255);
}

void pack_double(struct pack *pack, double value)
{
    uint64_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    put_byte(pack, 0xcb);
    for (int shift = 56; shift >= 0; shift -= 8)
        put_byte(pack, (unsigned)(bits >> shift & 255));
}

struct cursor {
    const uint8_t *at, *end;
    bool bad;
};

struct value {
    enum { OTHER, UINT, BYTES, MAP, ARRAY } kind; // BYTES: text too
    uint64_t number;                              // or the length, or how many
    const uint8_t *bytes;
};

static uint64_t take(struct cursor *cursor, unsigned n)
{
    uint64_t number = 0;

    if ((size_t)(cursor->end - cursor->at) < n) {
        cursor->bad = true;
        return 0;
    }
    for (unsigned k = 0; k < n; k++)
        number = number << 8 | *cursor->at++;
    return number;
}

static void skip(struct cursor *cursor, uint64_t n)
{
    if ((uint64_t)(cursor->end - cursor->at) < n)
        cursor->bad = true;
    else
        cursor->at += n;
}

static struct value bytes_of(struct cursor *cursor, uint64_t len)
{
    struct value value = {BYTES, len, cursor->at};

    skip(cursor, len);
    return value;
}

// The next value, or the head of the next container.
static struct value next_value(struct cursor *cursor)
{
    unsigned first = (unsigned)take(cursor, 1);

    if (first < 0x80)
        return (struct value){UINT, first, NULL};
    if (first < 0x90)
        return (struct value){MAP, first & 15, NULL};
    if (first < 0xa0)
        return (struct value){ARRAY, first & 15, NULL};
    if (first < 0xc0)
        return bytes_of(cursor, first & 31);
    if (first >= 0xc4 && first <= 0xc6)
        return bytes_of(cursor, take(cursor, 1U << (first - 0xc4)));
    if (first >= 0xca && first <= 0xcb)
        skip(cursor, first == 0xca ? 4 : 8);
    else if (first >= 0xcc && first <= 0xcf)
        return (struct value){UINT, take(cursor, 1U << (first - 0xcc)), NULL};
    else if (first >= 0xd0 && first <= 0xd3)
        skip(cursor, 1U << (first - 0xd0));
    else if (first >= 0xd9 && first <= 0xdb)
        return bytes_of(cursor, take(cursor, 1U << (first - 0xd9)));
    else if (first >= 0xdc && first <= 0xdf)
        return (struct value){first < 0xde ? ARRAY : MAP, take(cursor, first & 1 ? 4 : 2), NULL};
    return (struct value){OTHER, 0, NULL};
}

// What a container holds, flat: no recursion.
static void skip_inside(struct cursor *cursor, const struct value *value)
{
    uint64_t left = value->kind == MAP     ? 2 * value->number
                    : value->kind == ARRAY ? value->number
                                           : 0;

    for (; left > 0 && !cursor->bad; left--) {
        struct value inner = next_value(cursor);
        left += inner.kind == MAP ? 2 * inner.number : inner.kind == ARRAY ? inner.number : 0;
    }
}

static bool is(const struct value *value, const char *text)
{
    return value->kind == BYTES && value->number == strlen(text) &&
           memcmp(value->bytes, text, value->number) == 0;
}

static void copy(char *out, size_t size, const struct value *value)
{
    size_t len = value->number < size - 1 ? (size_t)value->number : size - 1;

    if (value->kind != BYTES)
        return;
    memcpy(out, value->bytes, len);
    out[len] = '\0';
}

static void read_times(struct cursor *cursor, uint64_t pairs, struct heard *out)
{
    for (; pairs > 0 && !cursor->bad; pairs--) {
        struct value key = next_value(cursor), value = next_value(cursor);
        if (is(&key, "render"))
            out->us_render = (uint32_t)value.number;
        out->us_all += value.kind == UINT ? (uint32_t)value.number : 0;
    }
}

bool unpack_message(const uint8_t *bytes, size_t len, struct heard *out)
{
    struct cursor cursor = {bytes, bytes + len, false};
    struct value whole = next_value(&cursor);

    *out = (struct heard){.type = ""};
    if (whole.kind != MAP)
        return false;
    for (uint64_t n = 0; n < whole.number && !cursor.bad; n++) {
        struct value key = next_value(&cursor), value = next_value(&cursor);
        if (cursor.bad)
            break;
        if (is(&key, "t"))
            copy(out->type, sizeof out->type, &value);
        else if (is(&key, "enc"))
            copy(out->enc, sizeof out->enc, &value);
        else if (is(&key, "seq"))
            out->seq = (uint32_t)value.number;
        else if (is(&key, "frame"))
            out->frame = (uint32_t)value.number;
        if (is(&key, "us") && value.kind == MAP)
            read_times(&cursor, value.number, out);
        else
            skip_inside(&cursor, &value);
    }
    return !cursor.bad && out->type[0] != '\0';
}
