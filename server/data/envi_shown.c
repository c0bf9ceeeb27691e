#define LOG_MODULE "envi"
#include "envi_shown.h"

#include "server/base/log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Red, green and blue in nanometres, and how far a band may be from one: less than half of the way
// to the next, so that each has a band of its own.
static const double colours[3] = {640, 550, 460};
static const double FAR = 45;

static const char *value_of(const struct fl_envi_text *text, const char *key)
{
    const struct fl_envi_entry *entry = fl_envi_text_find(text, key);
    return entry ? entry->value : NULL;
}

// The next of a list's numbers into *out; false at its end and at what is no number.
static bool take_number(const char **at, double *out)
{
    char *end = NULL;

    *out = strtod(*at, &end);
    if (end == *at || !isfinite(*out))
        return false;
    *at = end + strspn(end, ", \t\r\n");
    return true;
}

static bool read_bands(const char *at, uint64_t bands, struct fl_envi_shown *out)
{
    double number = 0;

    at += strspn(at, " \t\r\n");
    for (out->n = 0; out->n < 3 && *at; out->n++) {
        if (!take_number(&at, &number) || number < 1 || number > (double)bands ||
            number != floor(number))
            return false;
        out->bands[out->n] = (int32_t)number - 1;
    }
    return *at == '\0' && out->n != 2 && out->n != 0;
}

// The good band nearest to a colour; -1: none is near.
static int32_t find_band(const struct fl_envi_header *header, double factor, double colour)
{
    double least = FAR;
    int32_t found = -1;

    for (uint64_t k = 0; k < header->bands; k++) {
        double distance = fabs(header->axis[k] * factor - colour);
        if ((header->bad && header->bad[k]) || distance >= least)
            continue;
        least = distance;
        found = (int32_t)k;
    }
    return found;
}

static void find_colours(const char *what, struct fl_envi_header *header)
{
    struct fl_envi_shown *out = &header->shown;
    double factor = strcmp(header->unit, "nm") == 0   ? 1
                    : strcmp(header->unit, "µm") == 0 ? 1000
                                                      : 0;

    if (!header->axis || factor == 0)
        return;
    for (int k = 0; k < 3; k++)
        if ((out->bands[k] = find_band(header, factor, colours[k])) < 0)
            return;
    out->n = 3;
    log_info("%s: its picture shows the bands %d, %d and %d, whose wavelengths are nearest to %g, "
             "%g and %g nm",
             what, out->bands[0] + 1, out->bands[1] + 1, out->bands[2] + 1, colours[0], colours[1],
             colours[2]);
}

// "2.0% linear", "0 255 linear", "linear".
static bool read_stretch(const char *at, struct fl_envi_shown *out)
{
    double numbers[2] = {0};
    int n = 0;

    while (n < 2 && take_number(&at, &numbers[n]))
        n++;
    bool percent = n == 1 && *at == '%';
    at += percent;
    at += strspn(at, " \t");
    if (strcasecmp(at, "linear") != 0)
        return false;
    if (n == 2 && numbers[0] < numbers[1]) {
        out->fixed = true;
        out->lo = numbers[0];
        out->hi = numbers[1];
        return true;
    }
    if ((n == 1 && !percent) || n == 2 || numbers[0] < 0 || numbers[0] >= 50)
        return false;
    out->lo = numbers[0];
    out->hi = 100 - numbers[0];
    return true;
}

void fl_envi_shown_read(const char *what, const struct fl_envi_text *text,
                        struct fl_envi_header *header)
{
    const char *bands = value_of(text, "default bands");
    const char *stretch = value_of(text, "default stretch");
    struct fl_envi_shown *out = &header->shown;

    if (bands && !read_bands(bands, header->bands, out)) {
        log_warn("%s: \"default bands\" must be one or three whole numbers from 1 to %llu, not "
                 "\"%.40s\", and is passed over; correct it.",
                 what, (unsigned long long)header->bands, bands);
        out->n = 0;
    }
    if (out->n == 0)
        find_colours(what, header);
    out->lo = 2;
    out->hi = 98;
    if (out->n > 0 && stretch && !read_stretch(stretch, out))
        log_info(
            "%s: the stretch \"%.40s\" is not known here: its picture is stretched from 2 to 98 "
            "percent",
            what, stretch);
}
