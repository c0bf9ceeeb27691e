#include "png_text.h"

#include <stdbool.h>
#include <string.h>

uint32_t fl_png_crc(const uint8_t *bytes, size_t len)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? 0xedb88320 ^ crc >> 1 : crc >> 1;
    }
    return ~crc;
}

static void put(struct fl_text *text, const void *bytes, size_t len)
{
    if (text->len <= text->size && len <= text->size - text->len && len > 0)
        memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

static void put_u32(struct fl_text *text, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};
    put(text, bytes, sizeof bytes);
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text > 0x7e)
            return false;
    return true;
}

void fl_png_text_add(struct fl_text *text, const char *key, const char *value)
{
    static const uint8_t plain_and_no_language[5] = {0}; // end of key, not packed, "", ""
    bool ascii = is_ascii(value);
    size_t between = ascii ? 1 : sizeof plain_and_no_language;
    size_t start = text->len + 4;

    put_u32(text, (uint32_t)(strlen(key) + between + strlen(value)));
    put(text, ascii ? "tEXt" : "iTXt", 4);
    put(text, key, strlen(key));
    put(text, plain_and_no_language, between);
    put(text, value, strlen(value));
    put_u32(text, text->len <= text->size ? fl_png_crc(text->bytes + start, text->len - start) : 0);
}
