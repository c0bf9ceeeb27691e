#include "export_json.h"

#include "export_query.h"
#include "json.h"
#include "scenes.h"

#include "server/data/map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// In words, with p a cell's vector and r the reference's.
#define ANGULAR "1 - (2 / pi) arccos(p . r / (|p| |r|))"
#define CENTRED ", the mean of its channels taken from each vector first"

static const char *const formulas[FL_METRICS] = {
    [FL_METRIC_ANGULAR] = ANGULAR,
    [FL_METRIC_COSINE] = "p . r / (|p| |r|)",
    [FL_METRIC_ANGLE] = "arccos(p . r / (|p| |r|)) in degrees",
    [FL_METRIC_DOT] = "p . r",
    [FL_METRIC_L2] = "the square root of the sum of (p - r)^2 over the channels",
    [FL_METRIC_L1] = "the sum of |p - r| over the channels",
    [FL_METRIC_LHALF] = "the square of the sum of sqrt|p - r| over the channels",
    [FL_METRIC_PEARSON] = "p . r / (|p| |r|)" CENTRED,
    [FL_METRIC_MSAM] = ANGULAR CENTRED,
};

#undef ANGULAR
#undef CENTRED

static bool is_shifted(const struct fl_render *render)
{
    enum fl_metric m = render->metric;

    return render->origin == FL_ORIGIN_MIN &&
           (m == FL_METRIC_ANGULAR || m == FL_METRIC_COSINE || m == FL_METRIC_ANGLE);
}

static const char *region_words(enum fl_metric metric)
{
    bool plain = metric == FL_METRIC_DOT || metric == FL_METRIC_L2 || metric == FL_METRIC_L1 ||
                 metric == FL_METRIC_LHALF;
    return plain ? ", r the mean of the region's vectors"
                 : ", r the mean of the region's unit vectors";
}

static const char *many_words(const struct fl_render *render)
{
    for (uint32_t i = 0; i < render->n_refs; i++)
        if (render->refs[i].sign < 0)
            return ", the largest over the positive references less the largest over the negative";
    if (render->n_refs < 2)
        return "";
    return fl_render_is_distance(render) ? ", the smallest over the references"
                                         : ", the largest over the references";
}

static json_t *formula_json(const struct fl_render *render)
{
    if (render->mode == FL_MODE_CHANNEL)
        return json_string("the value of the channel");
    if (render->mode == FL_MODE_NORM)
        return json_string("|p|, the square root of the sum of p^2 over the channels");
    return json_sprintf("%s%s%s", formulas[render->metric],
                        is_shifted(render) ? ", the map's min taken from every value first" : "",
                        render->has_region ? region_words(render->metric) : many_words(render));
}

static void put_points(json_t *root, const struct fl_frame *frame, const struct fl_state *state)
{
    struct fl_point points[FL_MAX_REFS] = {{0}};
    uint32_t n = fl_export_points(frame, state, points);
    const struct fl_render *render = &frame->render;

    if (n == 1 && points[0].sign > 0) {
        json_object_set_new(root, "ref", fl_json_doubles((double[]){points[0].x, points[0].y}, 2));
        json_object_set_new(root, "cell", fl_json_ints(&render->refs[0].i, 2));
        return;
    }
    json_t *refs = json_array(), *cells = json_array();
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(refs, json_pack("[f,f,i]", points[i].x, points[i].y, points[i].sign));
    for (uint32_t i = 0; i < render->n_refs; i++)
        json_array_append_new(cells, json_pack("[i,i,i]", render->refs[i].i, render->refs[i].j,
                                               render->refs[i].sign));
    json_object_set_new(root, "refs", refs);
    json_object_set_new(root, "cells", cells);
}

static void put_measure(json_t *root, const struct fl_frame *frame, const struct fl_state *state)
{
    const struct fl_render *render = &frame->render;

    json_object_set_new(root, "mode", json_string(fl_mode_names[render->mode]));
    if (render->mode == FL_MODE_CHANNEL)
        json_object_set_new(root, "channel", json_integer(render->channel));
    if (render->mode == FL_MODE_SIMILARITY) {
        json_object_set_new(root, "metric", json_string(fl_metric_names[render->metric]));
        json_object_set_new(root, "origin", json_string(fl_origin_names[render->origin]));
        if (render->has_region) {
            json_object_set_new(root, "region", fl_json_doubles(state->region, 4));
            json_object_set_new(root, "region_cells", fl_json_ints(render->region, 4));
        } else {
            put_points(root, frame, state);
        }
        if (state->from[0] != '\0')
            json_object_set_new(root, "from", json_string(state->from));
    }
    json_object_set_new(root, "formula", formula_json(render));
    json_object_set_new(root, "bright_is",
                        json_string(fl_render_is_distance(render) ? "lo" : "hi"));
}

static json_t *hist_json(const struct fl_frame *frame)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof frame->hist / sizeof frame->hist[0]; i++)
        json_array_append_new(list, json_integer(frame->hist[i]));
    return list;
}

static json_t *stretch_json(const struct fl_stretch *stretch)
{
    json_t *list = json_pack("[s]", fl_stretch_names[stretch->kind]);

    if (stretch->kind == FL_STRETCH_PERCENTILE || stretch->kind == FL_STRETCH_FIXED) {
        json_array_append_new(list, fl_json_number(stretch->a));
        json_array_append_new(list, fl_json_number(stretch->b));
    }
    return list;
}

static void put_numbers(json_t *root, const struct fl_frame *frame)
{
    bool any = isfinite(frame->range[0]) && isfinite(frame->range[1]);

    json_object_set_new(root, "stretch", stretch_json(&frame->render.stretch));
    json_object_set_new(root, "lo", fl_json_number(frame->lo));
    json_object_set_new(root, "hi", fl_json_number(frame->hi));
    json_object_set_new(root, "range", any ? fl_json_doubles(frame->range, 2) : json_null());
    json_object_set_new(root, "hist", any ? hist_json(frame) : json_null());
    json_object_set_new(root, "best",
                        frame->best[0] < 0 ? json_null() : fl_json_ints(frame->best, 2));
    json_object_set_new(root, "window", fl_json_ints(frame->render.window, 4));
}

static void put_urls(json_t *root, const struct fl_frame *frame, const struct fl_state *state,
                     uint32_t w)
{
    struct fl_export_query values = fl_export_values_query(frame, state);
    struct fl_export_query picture = fl_export_picture_query(frame, state, w);
    struct fl_point points[FL_MAX_REFS] = {{0}};
    char x[FL_NUMBER], y[FL_NUMBER];

    json_object_set_new(root, "npy", json_sprintf("frame.npy%s", values.text));
    json_object_set_new(root, "png", json_sprintf("frame.png%s", picture.text));
    if (frame->render.mode == FL_MODE_SIMILARITY && state->from[0] == '\0' &&
        fl_export_points(frame, state, points) == 1)
        json_object_set_new(root, "vector",
                            json_sprintf("vector.npy?ref=%s,%s", fl_export_number(points[0].x, x),
                                         fl_export_number(points[0].y, y)));
}

char *fl_export_frame_json(const struct fl_frame *frame, const struct fl_state *state,
                           const struct fl_export_names *names, const int32_t picture[2],
                           uint32_t w)
{
    json_t *root =
        json_pack("{s:s,s:s,s:s,s:o,s:o}", "version", names->version, "scene", names->scene,
                  "layer", names->layer, "map", fl_scenes_map_json(frame->map), "picture_size",
                  picture[0] > 0 ? fl_json_ints(picture, 2) : json_null());
    char colormap[40];

    if (!root)
        return NULL;
    put_measure(root, frame, state);
    put_numbers(root, frame);
    snprintf(colormap, sizeof colormap, "%s%s", fl_colormap_names[state->colormap],
             state->reversed ? "_r" : "");
    json_object_set_new(root, "colormap", json_string(colormap));
    json_object_set_new(root, "opacity", fl_json_number(state->opacity));
    json_object_set_new(root, "picture", json_string(fl_under_names[state->picture]));
    put_urls(root, frame, state, w);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}
