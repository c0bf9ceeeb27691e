#include "utf8.h"

static bool follows(uint8_t byte, uint8_t least, uint8_t most)
{
    return byte >= least && byte <= most;
}

// The table of well-formed sequences: the first byte narrows what the second may be.
size_t fl_utf8_step(const uint8_t *at, size_t left)
{
    uint8_t least = 0x80, most = 0xbf;
    size_t n = 0;

    if (left == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        n = 2;
    else if (at[0] >= 0xe0 && at[0] <= 0xef)
        n = 3;
    else if (at[0] >= 0xf0 && at[0] <= 0xf4)
        n = 4;
    if (n == 0 || left < n)
        return 0;
    if (at[0] == 0xe0)
        least = 0xa0; // shorter forms exist
    else if (at[0] == 0xed)
        most = 0x9f; // surrogates
    else if (at[0] == 0xf0)
        least = 0x90; // shorter forms exist
    else if (at[0] == 0xf4)
        most = 0x8f; // over U+10FFFF
    if (!follows(at[1], least, most))
        return 0;
    for (size_t i = 2; i < n; i++)
        if (!follows(at[i], 0x80, 0xbf))
            return 0;
    return n;
}

bool fl_utf8_is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = fl_utf8_step(bytes + i, len - i);
        if (n == 0 || bytes[i] == 0)
            return false;
        i += n;
    }
    return true;
}
