#include "jpeg_marks.h"

#include <string.h>

enum { SOS = 0xDA, EOI = 0xD9, APP1 = 0xE1, ORIENTATION = 0x0112, SHORT = 3 };

struct tiff { // what an EXIF segment holds
    const uint8_t *at;
    size_t len;
    bool little;
};

static uint32_t read_number(const struct tiff *tiff, size_t at, size_t size)
{
    uint32_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | tiff->at[at + (tiff->little ? size - 1 - i : i)];
    return value;
}

static int32_t find_orientation(struct tiff tiff)
{
    if (tiff.len < 8 || (memcmp(tiff.at, "II*\0", 4) != 0 && memcmp(tiff.at, "MM\0*", 4) != 0))
        return 1;
    tiff.little = tiff.at[0] == 'I';
    size_t table = read_number(&tiff, 4, 4);
    if (table > tiff.len || tiff.len - table < 2)
        return 1;
    size_t n = read_number(&tiff, table, 2), entry = table + 2;
    for (; n > 0 && tiff.len - entry >= 12; n--, entry += 12) {
        if (read_number(&tiff, entry, 2) != ORIENTATION)
            continue;
        uint32_t value = read_number(&tiff, entry + 8, 2);
        bool sound = read_number(&tiff, entry + 2, 2) == SHORT && value >= 1 && value <= 8;
        return sound ? (int32_t)value : 1;
    }
    return 1;
}

// The segment after position *at: its marker, *start and *len of what it holds; *at moves behind
// it. 0 where there is none.
static int next_segment(const uint8_t *bytes, size_t size, size_t *at, size_t *start, size_t *len)
{
    size_t i = *at;

    while (i + 1 < size && bytes[i] == 0xFF && bytes[i + 1] == 0xFF)
        i++; // fill bytes
    if (size - i < 4 || bytes[i] != 0xFF)
        return 0;
    size_t told = (size_t)bytes[i + 2] << 8 | bytes[i + 3]; // counts its own two bytes
    if (told < 2 || told > size - i - 2)
        return 0;
    *start = i + 4;
    *len = told - 2;
    *at = i + 2 + told;
    return bytes[i + 1];
}

int32_t fl_jpeg_marks_turn(const uint8_t *bytes, size_t len)
{
    size_t at = 2, start = 0, size = 0;
    int marker = 0;

    if (len < at)
        return 1;
    while ((marker = next_segment(bytes, len, &at, &start, &size)) != 0 && marker != SOS)
        if (marker == APP1 && size >= 6 && memcmp(bytes + start, "Exif\0\0", 6) == 0)
            return find_orientation((struct tiff){.at = bytes + start + 6, .len = size - 6});
    return 1;
}

bool fl_jpeg_marks_end(const uint8_t *bytes, size_t len)
{
    size_t at = 2, start = 0, size = 0;
    int marker = 0;

    if (len < at)
        return false;
    while ((marker = next_segment(bytes, len, &at, &start, &size)) != 0 && marker != SOS)
        ;
    // In the scan data 0xFF is always followed by 0 or a restart marker.
    return marker == SOS && memmem(bytes + at, len - at, (const uint8_t[]){0xFF, EOI}, 2) != NULL;
}
