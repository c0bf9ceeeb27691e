#include "state.h"

#include <string.h>

const char *const fl_mode_names[FL_MODES] = {"similarity", "channel", "norm"};

const char *const fl_metric_names[FL_METRICS] = {
    [FL_METRIC_ANGULAR] = "angular", [FL_METRIC_COSINE] = "cosine",   [FL_METRIC_ANGLE] = "angle",
    [FL_METRIC_DOT] = "dot",         [FL_METRIC_L2] = "l2",           [FL_METRIC_L1] = "l1",
    [FL_METRIC_LHALF] = "lhalf",     [FL_METRIC_PEARSON] = "pearson", [FL_METRIC_MSAM] = "msam",
};

const char *const fl_origin_names[FL_ORIGINS] = {"zero", "min"};

const char *const fl_stretch_names[FL_STRETCHES] = {"minmax", "around", "percentile", "fixed"};

const char *const fl_kind_names[FL_KINDS] = {"scalar", "colour"};

const char *const fl_colormap_names[FL_COLORMAPS] = {
    [FL_COLORMAP_VIRIDIS] = "viridis",   [FL_COLORMAP_FIRE] = "fire",
    [FL_COLORMAP_MAGMA] = "magma",       [FL_COLORMAP_INFERNO] = "inferno",
    [FL_COLORMAP_PLASMA] = "plasma",     [FL_COLORMAP_CIVIDIS] = "cividis",
    [FL_COLORMAP_TURBO] = "turbo",       [FL_COLORMAP_GRAY] = "gray",
    [FL_COLORMAP_COOLWARM] = "coolwarm",
};

const char *const fl_under_names[FL_UNDERS] = {"grey", "colour", "none"};

struct fl_state fl_state_default(void)
{
    struct fl_state state;

    memset(&state, 0, sizeof state); // every other default is zero
    state.stretch.kind = FL_STRETCH_AROUND;
    state.colormap = FL_COLORMAP_VIRIDIS;
    state.opacity = 0.1;
    state.picture = FL_UNDER_GREY;
    return state;
}

static void apply_reference(struct fl_state *state, const struct fl_state *to)
{
    memcpy(state->refs, to->refs, sizeof state->refs);
    state->n_refs = to->n_refs;
    state->has_region = to->has_region;
    memcpy(state->region, to->region, sizeof state->region);
}

static void apply_look(struct fl_state *state, const struct fl_set *set)
{
    if (set->has & FL_SET_KIND)
        state->kind = set->to.kind;
    if (set->has & FL_SET_VECTOR)
        state->vector = set->to.vector;
    if (set->has & FL_SET_COLORMAP) {
        state->colormap = set->to.colormap;
        state->reversed = set->to.reversed;
    }
    if (set->has & FL_SET_OPACITY)
        state->opacity = set->to.opacity;
    if (set->has & FL_SET_PICTURE)
        state->picture = set->to.picture;
}

void fl_state_apply(struct fl_state *state, const struct fl_set *set)
{
    if (set->has & FL_SET_REF)
        apply_reference(state, &set->to);
    if (set->has & FL_SET_FROM)
        memcpy(state->from, set->to.from, sizeof state->from);
    if (set->has & FL_SET_MODE)
        state->mode = set->to.mode;
    if (set->has & FL_SET_CHANNEL)
        state->channel = set->to.channel;
    if (set->has & FL_SET_METRIC)
        state->metric = set->to.metric;
    if (set->has & FL_SET_ORIGIN)
        state->origin = set->to.origin;
    if (set->has & FL_SET_STRETCH)
        state->stretch = set->to.stretch;
    if (set->has & FL_SET_WINDOW) {
        state->has_window = set->to.has_window;
        memcpy(state->window, set->to.window, sizeof state->window);
    }
    if (set->has & FL_SET_SIZE)
        memcpy(state->size, set->to.size, sizeof state->size);
    apply_look(state, set);
}
