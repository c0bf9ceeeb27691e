#include "resolve.h"

#include "server/data/references.h"

#include <math.h>
#include <string.h>

static const double MOST_PIXELS = 33554432; // 2^25

static void resolve_refs(const struct fl_state *state, const struct fl_map *map,
                         struct fl_render *out, enum fl_where *where)
{
    const struct fl_map_facts *facts = fl_map_facts(map);

    *where = state->n_refs > 1 ? FL_WHERE_MANY : FL_WHERE_CELL;
    if (state->n_refs == 0) {
        out->refs[0] = (struct fl_cell){facts->w / 2, facts->h / 2, 1};
        out->n_refs = 1;
        return;
    }
    for (uint32_t k = 0; k < state->n_refs; k++) {
        struct fl_cell cell = {.sign = state->refs[k].sign};
        if (fl_map_cell(map, state->refs[k].x, state->refs[k].y, &cell.i, &cell.j))
            out->refs[out->n_refs++] = cell;
    }
    if (out->n_refs == 0)
        *where = FL_WHERE_OUTSIDE;
}

static int32_t clip(double value, int32_t most)
{
    return value <= 0 ? 0 : value >= most ? most : (int32_t)value;
}

// The cells that a rectangle of the picture touches.
static void resolve_region(const struct fl_state *state, const struct fl_map *map,
                           struct fl_render *out, enum fl_where *where)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    const double *e = facts->extent, *r = state->region;
    double sx = facts->w / (e[2] - e[0]), sy = facts->h / (e[3] - e[1]);

    out->has_region = true;
    out->region[0] = clip(floor((r[0] - e[0]) * sx), facts->w);
    out->region[1] = clip(floor((r[1] - e[1]) * sy), facts->h);
    out->region[2] = clip(ceil((r[2] - e[0]) * sx), facts->w);
    out->region[3] = clip(ceil((r[3] - e[1]) * sy), facts->h);
    bool empty = out->region[0] >= out->region[2] || out->region[1] >= out->region[3];
    *where = empty ? FL_WHERE_OUTSIDE : FL_WHERE_MANY;
}

static enum fl_err resolve_window(const struct fl_state *state, const struct fl_map_facts *facts,
                                  struct fl_render *out, struct fl_error *error)
{
    const uint32_t *w = state->window;
    uint32_t width = (uint32_t)facts->w, height = (uint32_t)facts->h;

    out->window[2] = facts->w;
    out->window[3] = facts->h;
    if (!state->has_window)
        return FL_OK;
    if (w[0] >= w[2] || w[1] >= w[3] || w[0] >= width || w[1] >= height)
        return fl_fail(error, FL_ERR_RANGE,
                       "The window [%u, %u, %u, %u] holds no cell of this map of %d x %d cells; "
                       "give [x0, y0, x1, y1] with x0 < x1 and y0 < y1 inside it.",
                       w[0], w[1], w[2], w[3], facts->w, facts->h);
    out->window[0] = (int32_t)w[0];
    out->window[1] = (int32_t)w[1];
    out->window[2] = (int32_t)(w[2] < width ? w[2] : width);
    out->window[3] = (int32_t)(w[3] < height ? w[3] : height);
    return FL_OK;
}

static int32_t at_least_one(double value)
{
    return value < 1 ? 1 : (int32_t)lround(value);
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

// By how much w x h must shrink to fit into what is wanted; at most 1.
static double shrink(double w, double h, const uint32_t most[2])
{
    double scale = 1;
    if (most[0] > 0)
        scale = smaller(scale, most[0] / w);
    if (most[1] > 0)
        scale = smaller(scale, most[1] / h);
    return scale;
}

// As wide as asked (0: the picture's own pixels, or one a cell), the aspect kept, inside w x h where
// those are not 0, at most 2^25 pixels.
static void resolve_colour_size(const struct fl_state *state, const struct fl_resolve_maps *maps,
                                struct fl_render *out)
{
    const struct fl_map_facts *facts = fl_map_facts(maps->map);
    const uint32_t *most = state->size;
    double w = out->window[2] - out->window[0], h = out->window[3] - out->window[1];
    // Without the picture under it a frame may be the map's own grid, one pixel a cell.
    bool grid = state->picture == FL_UNDER_NONE && most[0] == (uint32_t)w && most[1] == (uint32_t)h;

    if (maps->picture && !grid) { // as many pixels as the window covers of it
        w *= (facts->extent[2] - facts->extent[0]) / facts->w;
        h *= (facts->extent[3] - facts->extent[1]) / facts->h;
    }
    double scale = most[0] > 0 && most[1] == 0 ? most[0] / w : shrink(w, h, most);
    scale = smaller(scale, sqrt(MOST_PIXELS / (w * h)));
    scale = smaller(scale, FL_MAX_PICTURE / (w > h ? w : h));
    out->w = at_least_one(w * scale);
    out->h = at_least_one(h * scale);
}

static void resolve_scalar_size(const struct fl_state *state, struct fl_render *out)
{
    int32_t w = out->window[2] - out->window[0], h = out->window[3] - out->window[1];
    double scale = shrink(w, h, state->size);

    out->w = at_least_one(w * scale);
    out->h = at_least_one(h * scale);
}

static void resolve_colour(const struct fl_state *state, const struct fl_resolve_maps *maps,
                           struct fl_render *out)
{
    resolve_colour_size(state, maps, out);
    out->output = FL_OUT_COLOUR;
    out->colormap = state->colormap;
    out->reversed = state->reversed;
    out->opacity = (float)state->opacity;
    out->picture = maps->picture ? state->picture : FL_UNDER_NONE;
}

enum fl_err fl_resolve(const struct fl_state *state, const struct fl_resolve_maps *maps,
                       struct fl_render *out, enum fl_where *where, struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(maps->map);
    const struct fl_map *from = maps->from ? maps->from : maps->map;

    memset(out, 0, sizeof *out); // padding too: renders are compared as bytes
    out->mode = state->mode;
    out->stretch = state->stretch;
    if (state->mode == FL_MODE_CHANNEL) {
        if (state->channel >= (uint32_t)facts->d)
            return fl_fail(error, FL_ERR_RANGE,
                           "There is no channel %u in this map of %d channels; ask for 0 to %d.",
                           state->channel, facts->d, facts->d - 1);
        out->channel = state->channel;
    } else if (state->mode == FL_MODE_SIMILARITY) {
        out->metric = state->metric;
        out->origin = state->origin;
    }
    enum fl_err err = resolve_window(state, facts, out, error);
    if (err)
        return err;
    if (state->has_region)
        resolve_region(state, from, out, where);
    else
        resolve_refs(state, from, out, where);
    if (state->kind == FL_KIND_SCALAR)
        resolve_scalar_size(state, out);
    else
        resolve_colour(state, maps, out);
    return fl_references_check(out, error);
}
