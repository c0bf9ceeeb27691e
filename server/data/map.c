#include "map_inner.h"

#include "text.h"

#include "server/base/mem.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static _Atomic(uint64_t) last_id;

struct fl_map *fl_map_create(const char *name, struct fl_map_source *source, const double extent[4])
{
    struct fl_map *map = fl_new(struct fl_map);

    atomic_init(&map->refs, 1);
    map->name = fl_text_copy(name);
    map->source = *source;
    *source = (struct fl_map_source){0};
    if (map->source.d == 1) // whatever it says
        map->source.stride_c = 1;
    map->facts = (struct fl_map_facts){
        .name = map->name,
        .w = map->source.w,
        .h = map->source.h,
        .d = map->source.d,
        .dtype = map->source.dtype,
        .bytes = sizeof(float) * (uint64_t)map->source.w * (uint64_t)map->source.h *
                 (uint64_t)map->source.d,
        .rev = 1,
        .axis = map->source.axis,
        .axis_unit = map->source.axis_unit,
        .id = atomic_fetch_add(&last_id, 1) + 1,
    };
    memcpy(map->facts.extent, extent, sizeof map->facts.extent);
    return map;
}

void fl_map_set_stamp(struct fl_map *map, uint64_t stamp)
{
    map->stamp = stamp;
}

void fl_map_set_rev(struct fl_map *map, uint32_t rev)
{
    map->facts.rev = rev;
}

bool fl_map_is_same(const struct fl_map *map, const struct fl_map *old)
{
    const struct fl_map_facts *a = &map->facts, *b = &old->facts;

    return map->stamp != 0 && map->stamp == old->stamp && a->w == b->w && a->h == b->h &&
           a->d == b->d && strcmp(a->name, b->name) == 0 && strcmp(a->dtype, b->dtype) == 0 &&
           a->extent[0] == b->extent[0] && a->extent[1] == b->extent[1] &&
           a->extent[2] == b->extent[2] && a->extent[3] == b->extent[3] && !fl_map_gone(old);
}

struct fl_map *fl_map_ref(struct fl_map *map)
{
    atomic_fetch_add_explicit(&map->refs, 1, memory_order_relaxed);
    return map;
}

void fl_map_unref(struct fl_map *map)
{
    if (!map || atomic_fetch_sub(&map->refs, 1) != 1)
        return;
    for (enum fl_norms k = 0; k < FL_NORMS; k++) {
        free(map->norms[k].inverse);
        free(map->norms[k].shifts);
    }
    fl_map_source_finish(&map->source);
    free(map->name);
    free(map);
}

const struct fl_map_facts *fl_map_facts(const struct fl_map *map)
{
    return &map->facts;
}

bool fl_map_loaded(const struct fl_map *map, enum fl_norms norms)
{
    return atomic_load_explicit(&map->norms[norms].ready, memory_order_acquire);
}

double fl_map_progress(const struct fl_map *map, enum fl_norms norms)
{
    return (double)atomic_load_explicit(&map->norms[norms].done, memory_order_relaxed);
}

const struct fl_map_stats *fl_map_stats(const struct fl_map *map)
{
    assert(fl_map_loaded(map, FL_NORMS_ZERO));
    return &map->stats;
}

const float *fl_map_inverse_norms(const struct fl_map *map, enum fl_norms norms)
{
    assert(fl_map_loaded(map, norms));
    return map->norms[norms].inverse;
}

const float *fl_map_shifts(const struct fl_map *map, enum fl_norms norms)
{
    assert(fl_map_loaded(map, norms));
    return map->norms[norms].shifts;
}

bool fl_map_gone(const struct fl_map *map)
{
    return map->source.mapping && fl_mapping_gone(map->source.mapping);
}

// One axis. Half-open; the last bound is for a quotient that rounds up to 1.
static bool find_cell(double at, double from, double to, int32_t n, int32_t *out)
{
    if (!(at >= from && at < to))
        return false;
    double cell = floor((at - from) / (to - from) * n);
    *out = cell < n ? (int32_t)cell : n - 1;
    return true;
}

bool fl_map_cell(const struct fl_map *map, double x, double y, int32_t *i, int32_t *j)
{
    const struct fl_map_facts *facts = &map->facts;
    const double *extent = facts->extent;

    return find_cell(x, extent[0], extent[2], facts->w, i) &&
           find_cell(y, extent[1], extent[3], facts->h, j);
}
