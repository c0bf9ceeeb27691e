#include "err.h"

#include <stdarg.h>
#include <stdio.h>

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

enum fl_err fl_fail(struct fl_error *error, enum fl_err code, const char *fmt, ...)
{
    va_list args;

    if (!error)
        return code;
    error->code = code;
    va_start(args, fmt);
    vsnprintf(error->text, sizeof error->text, fmt, args);
    va_end(args);
    return code;
}
