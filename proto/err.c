#include "err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *fl_err_str(enum fl_err err)
{
    switch (err) {
    case FL_OK:
        return "ok";
    case FL_ERR_MALFORMED:
        return "malformed message";
    case FL_ERR_UNKNOWN_TYPE:
        return "unknown message type";
    case FL_ERR_RANGE:
        return "value out of range";
    case FL_ERR_NOT_FOUND:
        return "not found";
    case FL_ERR_UNSUPPORTED:
        return "not supported";
    case FL_ERR_TOO_BIG:
        return "too big";
    case FL_ERR_FORMAT:
        return "broken file";
    case FL_ERR_IO:
        return "input/output error";
    case FL_ERR_GPU:
        return "GPU error";
    case FL_ERR_GONE:
        return "file gone";
    case FL_ERR_ORDER:
        return "message out of order";
    case FL_ERR_FLOOD:
        return "too many requests";
    case FL_ERR_FORBIDDEN:
        return "forbidden";
    case FL_ERR_VERSION:
        return "protocol version not spoken";
    case FL_ERR_TIE:
        return "layout undecided";
    case FL_ERR_TIMEOUT:
        return "timed out";
    case FL_ERR_METHOD:
        return "method not allowed";
    }
    return "unknown error";
}

static bool is_inside_letter(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80; // of UTF-8
}

// A sentence ends with what to do: where a long name makes it too long, its middle is left out.
static void fit(const char *whole, size_t len, char *out, size_t size)
{
    static const char gap[] = " ... ";
    size_t head = size / 3, tail = len - (size - 1 - head - strlen(gap));

    while (head > 0 && is_inside_letter(whole[head]))
        head--;
    while (is_inside_letter(whole[tail]))
        tail++;
    (void)snprintf(out, size, "%.*s%s%s", (int)head, whole, gap, whole + tail);
}

enum fl_err fl_fail(struct fl_error *error, enum fl_err code, const char *fmt, ...)
{
    char whole[4096];
    va_list args;

    if (!error)
        return code;
    va_start(args, fmt);
    vsnprintf(whole, sizeof whole, fmt, args);
    va_end(args);
    size_t len = strlen(whole);
    error->code = code;
    if (len < sizeof error->text) {
        memcpy(error->text, whole, len);
        error->text[len] = '\0';
    } else {
        fit(whole, len, error->text, sizeof error->text);
    }
    return code;
}
