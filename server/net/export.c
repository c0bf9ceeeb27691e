#include "export.h"

#include "json.h"
#include "png_text.h"

#include "proto/buf.h"
#include "server/data/map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fl_buf *fl_export_nans(size_t n)
{
    struct fl_buf *buf = n <= SIZE_MAX / 4 ? fl_buf_create(n * 4) : NULL;
    const float nan = NAN;

    if (!buf)
        return NULL;
    for (size_t i = 0; i < n; i++)
        memcpy(fl_buf_bytes(buf) + i * 4, &nan, 4);
    fl_buf_set_len(buf, n * 4);
    return buf;
}

// Of the map that the vector is of.
static const struct fl_map_facts *facts_of(const struct fl_frame *frame)
{
    return fl_map_facts(frame->from ? frame->from : frame->map);
}

static json_t *numbers(const float *values, int32_t n)
{
    json_t *list = json_array();

    for (int32_t k = 0; k < n; k++)
        json_array_append_new(list, fl_json_number((double)values[k]));
    return list;
}

char *fl_export_vector_json(const struct fl_frame *frame)
{
    const struct fl_cell *cell = &frame->render.refs[0];
    const struct fl_map_facts *facts = facts_of(frame);
    double squares = 0;

    for (int32_t k = 0; k < facts->d; k++)
        squares += (double)frame->vector[k] * (double)frame->vector[k];
    json_t *root =
        json_pack("{s:[i,i],s:o,s:o}", "cell", cell->i, cell->j, "norm",
                  fl_json_number(sqrt(squares)), "vector", numbers(frame->vector, facts->d));
    if (facts->axis)
        json_object_set_new(root, "axis",
                            json_pack("{s:s,s:o}", "unit", facts->axis_unit, "values",
                                      numbers(facts->axis, facts->d)));
    // 17 digits: float32 and the norm both come back bit for bit.
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

char *fl_export_vector_csv(const struct fl_frame *frame)
{
    enum { LINE = 64 };
    const struct fl_map_facts *facts = facts_of(frame);
    char *text = malloc((size_t)(facts->d + 1) * LINE);
    char *at = text;

    if (!text)
        return NULL;
    if (facts->axis)
        at += snprintf(at, LINE, "channel,%s,value\n",
                       facts->axis_unit[0] ? facts->axis_unit : "axis");
    else
        at += snprintf(at, LINE, "channel,value\n");
    for (int32_t k = 0; k < facts->d; k++) { // 9 digits: float32 comes back bit for bit
        at += sprintf(at, "%d,", k);
        if (facts->axis)
            at += sprintf(at, "%.9g,", (double)facts->axis[k]);
        at += sprintf(at, "%.9g\n", (double)frame->vector[k]);
    }
    return text;
}

const char *fl_export_number(double value, char out[FL_NUMBER])
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(out, FL_NUMBER, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

uint32_t fl_export_points(const struct fl_frame *frame, const struct fl_state *state,
                          struct fl_point out[FL_MAX_REFS])
{
    const struct fl_map_facts *facts = fl_map_facts(frame->from ? frame->from : frame->map);
    const struct fl_cell *cell = &frame->render.refs[0];
    const double *e = facts->extent;

    if (state->has_region)
        return 0;
    memcpy(out, state->refs, sizeof state->refs);
    if (state->n_refs > 0)
        return state->n_refs;
    out[0] = (struct fl_point){e[0] + (cell->i + 0.5) * (e[2] - e[0]) / facts->w,
                               e[1] + (cell->j + 0.5) * (e[3] - e[1]) / facts->h, 1};
    return 1;
}

enum { MOST_TEXT = 2048 }; // 16 references of two doubles and a sign

// Numbers with commas between them.
struct list {
    char text[MOST_TEXT];
    size_t len;
};

static void list_add(struct list *list, const char *number)
{
    size_t room = sizeof list->text - list->len;
    int n = snprintf(list->text + list->len, room, "%s%s", list->len > 0 ? "," : "", number);

    if (n > 0 && (size_t)n < room)
        list->len += (size_t)n;
}

static void list_double(struct list *list, double value)
{
    char text[FL_NUMBER];
    list_add(list, isfinite(value) ? fl_export_number(value, text) : "nan");
}

static void list_int(struct list *list, int64_t value)
{
    char text[FL_NUMBER];

    snprintf(text, sizeof text, "%lld", (long long)value);
    list_add(list, text);
}

static void add_doubles(struct fl_text *out, const char *key, const double *values, int n)
{
    struct list list = {.len = 0};

    for (int i = 0; i < n; i++)
        list_double(&list, values[i]);
    fl_png_text_add(out, key, list.text);
}

static void add_ints(struct fl_text *out, const char *key, const int32_t *values, int n)
{
    struct list list = {.len = 0};

    for (int i = 0; i < n; i++)
        list_int(&list, values[i]);
    fl_png_text_add(out, key, list.text);
}

// lo, hi and their like are float32: nine digits tell them exactly, and no more.
static void add_number(struct fl_text *out, const char *key, double value)
{
    char text[64];

    snprintf(text, sizeof text, "%.9g", value);
    fl_png_text_add(out, key, isfinite(value) ? text : "nan");
}

// Where the references are in the picture, as in a query: "x,y" or "x,y,sign,x,y,sign".
static void add_points(struct fl_text *out, const struct fl_frame *frame,
                       const struct fl_state *state)
{
    struct fl_point points[FL_MAX_REFS] = {{0}};
    struct list list = {.len = 0};
    uint32_t n = fl_export_points(frame, state, points);
    bool many = n > 1 || points[0].sign < 0;

    for (uint32_t i = 0; i < n; i++) {
        list_double(&list, points[i].x);
        list_double(&list, points[i].y);
        if (many)
            list_int(&list, points[i].sign);
    }
    fl_png_text_add(out, many ? "refs" : "ref", list.text);
}

// The same as cells.
static void add_cells(struct fl_text *out, const struct fl_render *render)
{
    struct list list = {.len = 0};
    bool many = render->n_refs > 1 || render->refs[0].sign < 0;

    for (uint32_t i = 0; i < render->n_refs; i++) {
        list_int(&list, render->refs[i].i);
        list_int(&list, render->refs[i].j);
        if (many)
            list_int(&list, render->refs[i].sign);
    }
    fl_png_text_add(out, many ? "refs cells" : "ref cell", list.text);
}

static void add_reference(struct fl_text *out, const struct fl_frame *frame,
                          const struct fl_state *state)
{
    if (frame->render.has_region) {
        add_doubles(out, "region", state->region, 4);
        add_ints(out, "region cells", frame->render.region, 4);
    } else {
        add_points(out, frame, state);
        add_cells(out, &frame->render);
    }
    if (state->from[0] != '\0')
        fl_png_text_add(out, "from", state->from);
}

static void add_map(struct fl_text *out, const struct fl_map_facts *facts)
{
    const int32_t sides[3] = {facts->w, facts->h, facts->d};

    add_ints(out, "map", sides, 3);
    fl_png_text_add(out, "dtype", facts->dtype);
    add_ints(out, "rev", (const int32_t[]){(int32_t)facts->rev}, 1);
    add_doubles(out, "extent", facts->extent, 4);
}

static void add_stretch(struct fl_text *out, const struct fl_frame *frame)
{
    const struct fl_stretch *stretch = &frame->render.stretch;
    struct list list = {.len = 0};

    list_add(&list, fl_stretch_names[stretch->kind]);
    if (stretch->kind == FL_STRETCH_PERCENTILE || stretch->kind == FL_STRETCH_FIXED) {
        list_double(&list, stretch->a);
        list_double(&list, stretch->b);
    }
    fl_png_text_add(out, "stretch", list.text);
    add_number(out, "lo", frame->lo);
    add_number(out, "hi", frame->hi);
}

void fl_export_png_text(const struct fl_frame *frame, const struct fl_state *state,
                        const struct fl_export_names *names, struct fl_text *out)
{
    const struct fl_render *render = &frame->render;
    char text[128];

    snprintf(text, sizeof text, "farlook %s", names->version);
    fl_png_text_add(out, "Software", text);
    fl_png_text_add(out, "scene", names->scene);
    fl_png_text_add(out, "layer", names->layer);
    add_map(out, fl_map_facts(frame->map));
    fl_png_text_add(out, "mode", fl_mode_names[render->mode]);
    if (render->mode == FL_MODE_CHANNEL)
        add_number(out, "channel", render->channel);
    if (render->mode == FL_MODE_SIMILARITY) {
        fl_png_text_add(out, "metric", fl_metric_names[render->metric]);
        fl_png_text_add(out, "origin", fl_origin_names[render->origin]);
        add_reference(out, frame, state);
    }
    add_stretch(out, frame);
    add_ints(out, "window", render->window, 4);
    snprintf(text, sizeof text, "%s%s", fl_colormap_names[render->colormap],
             render->reversed ? "_r" : "");
    fl_png_text_add(out, "colormap", text);
    add_number(out, "opacity", state->opacity);
    fl_png_text_add(out, "picture", fl_under_names[render->picture]);
    if (frame->bar[2] > 0)
        add_ints(out, "colorbar", frame->bar, 4);
}
