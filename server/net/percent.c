#include "percent.h"

#include <string.h>

bool fl_percent_encode(const char *text, size_t len, const char *plain, char *out, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;

    if (size == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (n + 4 > size)
            return false;
        if (letter || (c && strchr(plain, c))) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = digits[c >> 4];
            out[n++] = digits[c & 15];
        }
    }
    out[n] = '\0';
    return true;
}

static bool add_mark(char mark, char *out, size_t size)
{
    size_t len = strlen(out);

    if (len + 2 > size)
        return false;
    out[len] = mark;
    out[len + 1] = '\0';
    return true;
}

static bool add(const char *text, size_t n, const char *plain, char *out, size_t size)
{
    size_t len = strlen(out);

    return fl_percent_encode(text, n, plain, out + len, size - len);
}

bool fl_percent_add(const char *pair, size_t len, char *out, size_t size)
{
    const char *equals = memchr(pair, '=', len);
    size_t key = equals ? (size_t)(equals - pair) : len;

    if (out[0] != '\0' && !add_mark('&', out, size))
        return false;
    if (!add(pair, key, "-._~", out, size))
        return false;
    return !equals ||
           (add_mark('=', out, size) && add(equals + 1, len - key - 1, "-._~,/", out, size));
}
