#include "download.h"

#include "percent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 1024, MOST_IN_UTF8 = 240 };

// What the picture shows: its measure, and the pixel it is compared with.
static void add_view(char name[NAME], const struct fl_state *state, bool measured)
{
    size_t len = strlen(name);

    if (measured && state->mode == FL_MODE_CHANNEL)
        snprintf(name + len, NAME - len, "_channel-%u", state->channel);
    else if (measured)
        snprintf(name + len, NAME - len, "_%s",
                 state->mode == FL_MODE_NORM ? "norm" : fl_metric_names[state->metric]);
    len = strlen(name);
    if (measured && state->mode != FL_MODE_SIMILARITY)
        return;
    if (state->has_region)
        snprintf(name + len, NAME - len, "_region");
    else if (state->n_refs == 1)
        snprintf(name + len, NAME - len, "_%.0f-%.0f", floor(state->refs[0].x),
                 floor(state->refs[0].y));
    else if (state->n_refs == 0)
        snprintf(name + len, NAME - len, "_centre");
    else
        snprintf(name + len, NAME - len, "_%u-points", state->n_refs);
}

static const char *ending(const struct fl_route *route, enum fl_enc enc)
{
    switch (route->format) {
    case FL_FORMAT_JPG:
        return "jpg";
    case FL_FORMAT_NPY:
        return "npy";
    case FL_FORMAT_JSON:
        return "json";
    case FL_FORMAT_CSV:
        return "csv";
    case FL_FORMAT_PNG:
    case FL_FORMAT_NONE:
        break;
    }
    return enc == FL_ENC_JPEG ? "jpg" : "png";
}

static void make_name(const struct fl_route *route, const struct fl_state *state, enum fl_enc enc,
                      char name[NAME])
{
    bool alone = strcmp(route->scene, route->layer) == 0 || route->kind == FL_ROUTE_PICTURE;

    snprintf(name, NAME, "%s%s%s%s", route->scene, alone ? "" : "_", alone ? "" : route->layer,
             route->kind == FL_ROUTE_VECTOR ? "_vector"
             : route->kind == FL_ROUTE_MASK ? "_mask"
                                            : "");
    if (route->kind == FL_ROUTE_FRAME || route->kind == FL_ROUTE_VECTOR)
        add_view(name, state, route->kind == FL_ROUTE_FRAME);
    size_t len = strlen(name);
    snprintf(name + len, NAME - len, ".%s", ending(route, enc));
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._", c) != NULL;
}

void fl_download_name(const struct fl_route *route, const struct fl_state *state, enum fl_enc enc,
                      char out[FL_MAX_DOWNLOAD])
{
    char name[NAME], plain[NAME];
    bool ascii = true;

    make_name(route, state, enc, name);
    for (size_t i = 0; i <= strlen(name); i++) {
        plain[i] = name[i] == '\0' || is_plain(name[i]) ? name[i] : '_';
        ascii = ascii && (unsigned char)name[i] < 0x80;
    }
    int len = snprintf(out, FL_MAX_DOWNLOAD, "attachment; filename=\"%s\"", plain);
    if (ascii || strlen(name) > MOST_IN_UTF8)
        return;
    char encoded[3 * MOST_IN_UTF8 + 4];
    if (fl_percent_encode(name, strlen(name), "-._", encoded, sizeof encoded))
        snprintf(out + len, FL_MAX_DOWNLOAD - (size_t)len, "; filename*=UTF-8''%s", encoded);
}
