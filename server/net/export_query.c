#include "export_query.h"

#include "export.h"
#include "percent.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct fl_export_query *query, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct fl_export_query *query, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(query->text + query->len, sizeof query->text - query->len, fmt, args);
    va_end(args);
    // The longest query fits; this only keeps a mistake harmless.
    if (n > 0 && (size_t)n < sizeof query->text - query->len)
        query->len += (size_t)n;
}

static void add_numbers(struct fl_export_query *query, const double *values, int n)
{
    char text[FL_NUMBER];

    for (int i = 0; i < n; i++)
        add(query, "%s%s", i ? "," : "", fl_export_number(values[i], text));
}

static void add_map(struct fl_export_query *query, const struct fl_state *state)
{
    char text[3 * sizeof state->from + 1];

    if (fl_percent_encode(state->from, strlen(state->from), "-._~/", text, sizeof text))
        add(query, "&from=%s", text);
}

static void add_reference(struct fl_export_query *query, const struct fl_frame *frame,
                          const struct fl_state *state)
{
    struct fl_point points[FL_MAX_REFS] = {{0}};
    uint32_t n = fl_export_points(frame, state, points);
    bool many = n > 1 || points[0].sign < 0;

    if (state->has_region) {
        add(query, "&region=");
        add_numbers(query, state->region, 4);
    } else {
        add(query, many ? "&refs=" : "&ref=");
        for (uint32_t i = 0; i < n; i++) {
            add(query, "%s", i ? "," : "");
            add_numbers(query, (double[]){points[i].x, points[i].y}, 2);
            if (many)
                add(query, ",%d", points[i].sign);
        }
    }
    if (state->from[0] != '\0')
        add_map(query, state);
}

struct fl_export_query fl_export_values_query(const struct fl_frame *frame,
                                              const struct fl_state *state)
{
    const struct fl_render *render = &frame->render;
    struct fl_export_query query = {.len = 0};

    add(&query, "?mode=%s", fl_mode_names[render->mode]);
    if (render->mode == FL_MODE_CHANNEL)
        add(&query, "&channel=%u", render->channel);
    if (render->mode == FL_MODE_SIMILARITY) {
        add(&query, "&metric=%s&origin=%s", fl_metric_names[render->metric],
            fl_origin_names[render->origin]);
        add_reference(&query, frame, state);
    }
    if (state->has_window)
        add(&query, "&window=%u,%u,%u,%u", state->window[0], state->window[1], state->window[2],
            state->window[3]);
    return query;
}

struct fl_export_query fl_export_picture_query(const struct fl_frame *frame,
                                               const struct fl_state *state, uint32_t w)
{
    const struct fl_stretch *stretch = &state->stretch;
    struct fl_export_query query = fl_export_values_query(frame, state);

    add(&query, "&stretch=%s", fl_stretch_names[stretch->kind]);
    if (stretch->kind == FL_STRETCH_PERCENTILE || stretch->kind == FL_STRETCH_FIXED) {
        add(&query, ",");
        add_numbers(&query, (double[]){stretch->a, stretch->b}, 2);
    }
    add(&query, "&colormap=%s%s&opacity=", fl_colormap_names[state->colormap],
        state->reversed ? "_r" : "");
    add_numbers(&query, &state->opacity, 1);
    add(&query, "&picture=%s", fl_under_names[state->picture]);
    if (state->size[0] > 0 || state->size[1] > 0)
        add(&query, "&size=%u,%u", state->size[0], state->size[1]);
    if (w > 0)
        add(&query, "&w=%u", w);
    return query;
}
