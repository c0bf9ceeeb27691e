#define LOG_MODULE "resident"
#include "resident.h"

#include "server/base/log.h"

#include <math.h>

static uint64_t raster_bytes(const struct fl_map_facts *facts)
{
    return (uint64_t)facts->w * (uint64_t)facts->h * 4;
}

// Half precision ends at 65504, and below 2^-14 it loses digits: a map whose largest value is not well
// between keeps float32.
static bool is_half(const struct fl_map *map, const struct fl_limits *limits)
{
    const struct fl_map_stats *stats = fl_map_stats(map);
    float largest = fmaxf(fabsf(stats->min), fabsf(stats->max));

    return limits->half && largest <= 65504 && largest >= 0x1p-6F;
}

uint64_t fl_resident_bytes(const struct fl_map *map, const struct fl_limits *limits)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    uint64_t bytes = 0;
    uint64_t values = fl_features_bytes(facts->w, facts->h, facts->d, is_half(map, limits));

    // Inverse norms, and two rasters of the passes.
    if (__builtin_add_overflow(values, 3 * raster_bytes(facts), &bytes))
        return UINT64_MAX;
    return bytes;
}

uint64_t fl_resident_norms_bytes(const struct fl_map_facts *facts, enum fl_norms norms)
{
    if (norms == FL_NORMS_ZERO)
        return 0; // counted with the map
    return norms == FL_NORMS_CENTRED ? 2 * raster_bytes(facts) : raster_bytes(facts);
}

enum fl_err fl_resident_init(struct fl_resident *self, struct fl_map *map,
                             const struct fl_limits *limits, struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    struct fl_limits own = *limits;

    *self = (struct fl_resident){.map = fl_map_ref(map)};
    own.half = is_half(map, limits);
    if (limits->half && !own.half)
        log_info("%s stays in float32: half precision does not hold its values", facts->name);
    return fl_features_init(&self->features, facts->w, facts->h, facts->d, &own, error);
}

void fl_resident_finish(struct fl_resident *self)
{
    fl_features_finish(&self->features);
    for (int i = 0; i < FL_NORMS; i++) {
        fl_raster_finish(&self->norms[i].inverse);
        fl_raster_finish(&self->norms[i].shifts);
    }
    fl_map_unref(self->map);
    *self = (struct fl_resident){0};
}

bool fl_resident_ready(const struct fl_resident *self, enum fl_norms norms)
{
    return fl_features_full(&self->features) && self->norms[norms].begun &&
           self->norms[norms].rows == self->features.h;
}

static enum fl_err fill_norms(struct fl_resident *self, enum fl_norms kind,
                              const struct fl_limits *limits, struct fl_error *error)
{
    struct fl_resident_norms *norms = &self->norms[kind];
    int32_t w = self->features.w, h = self->features.h;
    const float *shifts = fl_map_shifts(self->map, kind);

    if (!norms->begun) {
        norms->begun = fl_raster_init(&norms->inverse, w, h, limits) &&
                       (!shifts || fl_raster_init(&norms->shifts, w, h, limits));
        if (norms->begun)
            return FL_OK;
        fl_raster_finish(&norms->inverse);
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "The GPU's driver has no room for the norms of a map of %d x %d cells; "
                       "close other maps or give --gpu-memory a smaller number.",
                       w, h);
    }
    uint64_t n = limits->slice / ((uint64_t)w * 4) + 1;
    int32_t rows = n < (uint64_t)(h - norms->rows) ? (int32_t)n : h - norms->rows;
    size_t first = (size_t)norms->rows * (size_t)w;

    fl_raster_upload(&norms->inverse, norms->rows, rows,
                     fl_map_inverse_norms(self->map, kind) + first);
    if (shifts)
        fl_raster_upload(&norms->shifts, norms->rows, rows, shifts + first);
    norms->rows += rows;
    if (fl_gl_error() != GL_NO_ERROR)
        return fl_fail(error, FL_ERR_GPU,
                       "The GPU's driver refused the norms of the map; try again.");
    return FL_OK;
}

enum fl_err fl_resident_fill(struct fl_resident *self, enum fl_norms norms,
                             const struct fl_limits *limits, struct fl_error *error)
{
    if (!fl_features_full(&self->features))
        return fl_features_fill(&self->features, self->map, NULL, limits, error);
    return fill_norms(self, norms, limits, error);
}
