#include "export.h"

#include "png_text.h"

#include "proto/buf.h"
#include "server/data/map.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t fl_export_npy_head(const int32_t *shape, int n, char out[FL_NPY_HEAD + 1])
{
    // Version 1.0; 118 bytes follow.
    static const uint8_t magic[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
    char sides[32], dictionary[100];

    snprintf(sides, sizeof sides, n == 1 ? "%d," : "%d, %d", shape[0], n == 1 ? 0 : shape[1]);
    snprintf(dictionary, sizeof dictionary,
             "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", sides);
    memcpy(out, magic, 10);
    snprintf(out + 10, FL_NPY_HEAD - 10 + 1, "%-117s\n", dictionary);
    return FL_NPY_HEAD;
}

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

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

char *fl_export_vector_json(const struct fl_frame *frame)
{
    const struct fl_cell *cell = &frame->render.refs[0];
    int32_t d = fl_map_facts(frame->map)->d;
    json_t *vector = json_array();
    double squares = 0;

    for (int32_t k = 0; k < d; k++) {
        squares += (double)frame->vector[k] * (double)frame->vector[k];
        json_array_append_new(vector, number((double)frame->vector[k]));
    }
    json_t *root = json_pack("{s:[i,i],s:o,s:o}", "cell", cell->i, cell->j, "norm",
                             number(sqrt(squares)), "vector", vector);
    // 17 digits: float32 and the norm both come back bit for bit.
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

static const char *list(char out[64], const double *numbers, int n)
{
    out[0] = '\0';
    for (int i = 0; i < n; i++) {
        size_t len = strlen(out);
        snprintf(out + len, 64 - len, i ? ",%.9g" : "%.9g", numbers[i]);
    }
    return out;
}

static void add_number(struct fl_text *out, const char *key, double value)
{
    char text[64];
    fl_png_text_add(out, key, isfinite(value) ? list(text, &value, 1) : "nan");
}

// The references as cells, in the words of a query: "i,j" or "i,j,sign,i,j,sign".
static void add_reference(struct fl_text *out, const struct fl_render *render)
{
    char text[FL_MAX_REFS * 40] = "";
    size_t len = 0;

    if (render->has_region) {
        const int32_t *r = render->region;
        snprintf(text, sizeof text, "%d,%d,%d,%d", r[0], r[1], r[2], r[3]);
        fl_png_text_add(out, "region cells", text);
        return;
    }
    for (uint32_t i = 0; i < render->n_refs && len < sizeof text - 40; i++) {
        const struct fl_cell *cell = &render->refs[i];
        len += (size_t)snprintf(text + len, 40, i ? ",%d,%d" : "%d,%d", cell->i, cell->j);
        if (render->n_refs > 1)
            len += (size_t)snprintf(text + len, 8, ",%d", cell->sign);
    }
    fl_png_text_add(out, render->n_refs > 1 ? "refs cells" : "ref cell", text);
}

// The same in picture coordinates, as they were asked for.
static void add_points(struct fl_text *out, const struct fl_state *state)
{
    char text[FL_MAX_REFS * 56] = "", point[64];
    size_t len = 0;

    if (state->has_region) {
        fl_png_text_add(out, "region", list(text, state->region, 4));
        return;
    }
    for (uint32_t i = 0; i < state->n_refs; i++) {
        const struct fl_point *ref = &state->refs[i];
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? "," : "",
                                list(point, (double[]){ref->x, ref->y}, 2));
        if (state->n_refs > 1)
            len += (size_t)snprintf(text + len, sizeof text - len, ",%d", ref->sign);
    }
    if (state->n_refs > 0)
        fl_png_text_add(out, state->n_refs > 1 ? "refs" : "ref", text);
}

static void add_stretch(struct fl_text *out, const struct fl_frame *frame)
{
    const struct fl_stretch *stretch = &frame->render.stretch;
    char text[128], numbers[64];

    snprintf(text, sizeof text, "%s", fl_stretch_names[stretch->kind]);
    if (stretch->kind == FL_STRETCH_PERCENTILE || stretch->kind == FL_STRETCH_FIXED)
        snprintf(text, sizeof text, "%s,%s", fl_stretch_names[stretch->kind],
                 list(numbers, (double[]){stretch->a, stretch->b}, 2));
    fl_png_text_add(out, "stretch", text);
    add_number(out, "lo", frame->lo);
    add_number(out, "hi", frame->hi);
}

void fl_export_png_text(const struct fl_frame *frame, const struct fl_state *state,
                        const struct fl_export_names *names, struct fl_text *out)
{
    const struct fl_render *render = &frame->render;
    const int32_t *window = render->window;
    char text[128];

    snprintf(text, sizeof text, "farlook %s", names->version);
    fl_png_text_add(out, "Software", text);
    fl_png_text_add(out, "scene", names->scene);
    fl_png_text_add(out, "layer", names->layer);
    fl_png_text_add(out, "mode", fl_mode_names[render->mode]);
    if (render->mode == FL_MODE_CHANNEL)
        add_number(out, "channel", render->channel);
    if (render->mode == FL_MODE_SIMILARITY) {
        fl_png_text_add(out, "metric", fl_metric_names[render->metric]);
        fl_png_text_add(out, "origin", fl_origin_names[render->origin]);
        add_points(out, state);
        if (state->from[0] != '\0')
            fl_png_text_add(out, "from", state->from);
        add_reference(out, render);
    }
    add_stretch(out, frame);
    snprintf(text, sizeof text, "%d,%d,%d,%d", window[0], window[1], window[2], window[3]);
    fl_png_text_add(out, "window", text);
    snprintf(text, sizeof text, "%s%s", fl_colormap_names[render->colormap],
             render->reversed ? "_r" : "");
    fl_png_text_add(out, "colormap", text);
    add_number(out, "opacity", state->opacity);
    fl_png_text_add(out, "picture", fl_under_names[render->picture]);
}
