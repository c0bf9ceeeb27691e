#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *or_abort(char *text)
{
    if (text)
        return text;
    fputs("farlook: out of memory\n", stderr);
    abort();
}

char *fl_text_copy(const char *text)
{
    return or_abort(strdup(text));
}

char *fl_text_format(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    return or_abort(len < 0 ? NULL : text);
}

const char *fl_text_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool fl_text_has_extension(const char *name, const char *const *extensions)
{
    const char *dot = strrchr(fl_text_base(name), '.');

    for (; dot && *extensions; extensions++)
        if (strcasecmp(dot + 1, *extensions) == 0)
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Runs of digits by their value; returns -1, 0 or 1 and moves both past them.
static int compare_numbers(const char **a, const char **b)
{
    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    size_t len_a = strspn(*a, "0123456789"), len_b = strspn(*b, "0123456789");
    int order = len_a != len_b ? (len_a < len_b ? -1 : 1) : memcmp(*a, *b, len_a);
    *a += len_a;
    *b += len_b;
    return order;
}

int fl_text_natural_order(const void *first, const void *second)
{
    const char *whole_a = *(const char *const *)first, *whole_b = *(const char *const *)second;
    const char *a = whole_a, *b = whole_b;

    while (*a && *b) {
        if (is_digit(*a) && is_digit(*b)) {
            int order = compare_numbers(&a, &b);
            if (order)
                return order;
        } else if (*a != *b) {
            break;
        } else {
            a++;
            b++;
        }
    }
    int order = (unsigned char)*a - (unsigned char)*b;
    return order ? order : strcmp(whole_a, whole_b); // "a1" and "a01" are not the same
}

char *fl_text_size(char out[FL_TEXT_SIZE], uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(out, FL_TEXT_SIZE, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
        return out;
    }
    for (; value >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    snprintf(out, FL_TEXT_SIZE, "%.1f %s", value, units[unit]);
    return out;
}
