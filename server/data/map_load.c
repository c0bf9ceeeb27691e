#include "direction.h"
#include "map_inner.h"

#include "sums.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"

#include <math.h>
#include <string.h>

enum { BLOCK_VALUES = 262144 }; // 1 MiB of float32: what one job reads at once

// How long unpacking or computing a map takes, about, where one pass over its values takes 1: an
// archive is inflated by one thread, the pass is made by all.
static const float DECODING = 16;

// What is found out about the values of one pass over a part of the map.
struct found {
    float min, max; // of the finite values; min > max when there are none
    uint64_t invalid;
};

// One pass over the map: `norms` are made, and for FL_NORMS_ZERO the statistics too.
struct pass {
    const struct fl_map *map;
    enum fl_norms norms;
    float *inverse, *shifts;   // filled in
    struct fl_map_block block; // h and w of the jobs' blocks
    size_t across;             // blocks side by side
    struct found *found;       // one per job
    const struct fl_progress *progress;
    size_t jobs;
    atomic_size_t jobs_done;
    _Atomic(bool) no_memory;
};

// Infinities are no statistics.
static void widen(struct found *found, const struct fl_sums *sums, const float *values, size_t d)
{
    if (isfinite(sums->squares)) {
        found->min = fminf(found->min, sums->min);
        found->max = fmaxf(found->max, sums->max);
        return;
    }
    for (size_t k = 0; k < d; k++) {
        if (!isfinite(values[k]))
            continue;
        found->min = fminf(found->min, values[k]);
        found->max = fmaxf(found->max, values[k]);
    }
}

static void measure(struct pass *pass, size_t cell, const float *values, struct found *found)
{
    const struct fl_map *map = pass->map;
    size_t d = (size_t)map->facts.d;
    double shift = 0;

    if (pass->norms == FL_NORMS_ZERO) {
        struct fl_sums sums = fl_sums_of(values, d, 0);
        widen(found, &sums, values, d);
        pass->inverse[cell] = fl_direction_inverse(sums.squares);
        found->invalid += pass->inverse[cell] == 0;
        return;
    }
    if (pass->norms == FL_NORMS_MIN)
        shift = (double)map->stats.min;
    if (pass->norms == FL_NORMS_CENTRED) {
        // The rounded mean is what others will subtract; a constant vector becomes exactly zero.
        float mean = (float)fl_sums_mean(values, d);
        shift = (double)mean;
        pass->shifts[cell] = isfinite(mean) ? mean : 0;
    }
    // What has no direction as it is has none afterwards.
    bool valid = map->norms[FL_NORMS_ZERO].inverse[cell] > 0;
    pass->inverse[cell] = valid ? fl_direction_inverse(fl_sums_of(values, d, shift).squares) : 0;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static void run_job(void *user, size_t job)
{
    struct pass *pass = user;
    const struct fl_map *map = pass->map;
    struct fl_map_block block = {.y = (int32_t)(job / pass->across) * pass->block.h,
                                 .x = (int32_t)(job % pass->across) * pass->block.w};
    struct found found = {.min = INFINITY, .max = -INFINITY};
    size_t w = (size_t)map->facts.w, d = (size_t)map->facts.d;

    block.h = least(pass->block.h, map->facts.h - block.y);
    block.w = least(pass->block.w, map->facts.w - block.x);
    size_t cells = (size_t)block.h * (size_t)block.w;
    // Blocks are whole rows or lie inside one: either way they are in one piece.
    const float *values = fl_map_rows(map, block.y);
    float *copy = values ? NULL : malloc(cells * d * sizeof *copy);
    if (!values && !copy) {
        atomic_store(&pass->no_memory, true);
        return;
    }
    if (copy)
        fl_map_read_block(map, &block, copy);
    else
        values += (size_t)block.x * d;
    for (size_t k = 0; k < cells; k++)
        measure(pass, (size_t)block.y * w + (size_t)block.x + k, (copy ? copy : values) + k * d,
                &found);
    pass->found[job] = found;
    free(copy);
    size_t done = atomic_fetch_add_explicit(&pass->jobs_done, 1, memory_order_relaxed) + 1;
    fl_progress_tell(pass->progress, (double)done / (double)pass->jobs);
}

// Whole rows, as many as make a block; parts of a row where one alone is more than that.
static size_t plan(struct pass *pass)
{
    int32_t w = pass->map->facts.w, h = pass->map->facts.h, d = pass->map->facts.d;
    int64_t row = (int64_t)w * d;

    pass->block = (struct fl_map_block){.h = 1, .w = w};
    if (row <= BLOCK_VALUES)
        pass->block.h = least(h, (int32_t)(BLOCK_VALUES / row));
    else
        pass->block.w = least(w, BLOCK_VALUES / d + 1);
    pass->across = (size_t)((w - 1) / pass->block.w) + 1;
    return pass->across * (size_t)((h - 1) / pass->block.h + 1);
}

static void publish(struct fl_map *map, struct pass *pass, size_t n_jobs)
{
    struct found all = {.min = INFINITY, .max = -INFINITY};
    struct fl_map_norms *norms = &map->norms[pass->norms];

    for (size_t k = 0; k < n_jobs; k++) {
        all.min = fminf(all.min, pass->found[k].min);
        all.max = fmaxf(all.max, pass->found[k].max);
        all.invalid += pass->found[k].invalid;
    }
    if (pass->norms == FL_NORMS_ZERO) {
        bool any = all.min <= all.max;
        map->stats = (struct fl_map_stats){any ? all.min : NAN, any ? all.max : NAN, all.invalid};
    }
    norms->inverse = pass->inverse;
    norms->shifts = pass->shifts;
    pass->inverse = pass->shifts = NULL;
    atomic_store_explicit(&norms->ready, true, memory_order_release);
}

static enum fl_err make_norms(struct fl_map *map, enum fl_norms kind,
                              const struct fl_progress *progress, struct fl_error *error)
{
    size_t cells = (size_t)map->facts.w * (size_t)map->facts.h;
    struct pass pass = {.map = map, .norms = kind, .progress = progress};
    size_t n_jobs = pass.jobs = plan(&pass);
    enum fl_err err = FL_OK;

    pass.inverse = malloc(cells * sizeof *pass.inverse);
    pass.shifts = kind == FL_NORMS_CENTRED ? malloc(cells * sizeof *pass.shifts) : NULL;
    pass.found = calloc(n_jobs, sizeof *pass.found);
    if (!pass.inverse || !pass.found || (kind == FL_NORMS_CENTRED && !pass.shifts))
        atomic_store(&pass.no_memory, true);
    else
        fl_parallel(n_jobs, run_job, &pass);
    if (atomic_load(&pass.no_memory))
        err = fl_fail(error, FL_ERR_TOO_BIG,
                      "There is not enough memory to read the layer %s; close other programs.",
                      map->name);
    else if (map->source.mapping && fl_mapping_check(map->source.mapping))
        err = fl_fail(
            error, FL_ERR_GONE,
            "The file of the layer %s was cut or written since this server opened it; it is "
            "read anew by itself, unless the server was started with --no-watch.",
            map->name);
    else
        publish(map, &pass, n_jobs);
    free(pass.inverse);
    free(pass.shifts);
    free(pass.found);
    return err;
}

static enum fl_err compute(struct fl_map *map, const struct fl_progress *progress,
                           struct fl_error *error)
{
    struct fl_map_source *source = &map->source;
    float *values = NULL;

    enum fl_err err = fl_map_memory_check(map->name, map->facts.bytes, error);
    if (!err)
        err = source->decode(source->user, &values, progress, error);
    if (err)
        return err;
    source->owned = values;
    source->base = values;
    source->type = FL_F4;
    source->swap = false;
    source->ignores = false;
    source->stride_c = 1;
    source->stride_x = source->d;
    source->stride_y = (ptrdiff_t)source->w * source->d;
    return FL_OK;
}

static enum fl_err unpack(struct fl_map *map, const struct fl_progress *progress,
                          struct fl_error *error)
{
    struct fl_map_source *source = &map->source;
    enum fl_err err = fl_map_memory_check(map->name, source->len, error);

    if (err)
        return err;
    uint8_t *bytes = malloc(source->len);
    if (!bytes)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is not enough memory to unpack the layer %s; close other programs.",
                       map->name);
    err = source->unpack(source->user, bytes, source->len, progress, error);
    if (err) {
        free(bytes);
        return err;
    }
    source->owned = bytes;
    source->base = bytes + source->offset;
    return FL_OK;
}

// Values that do not lie in memory yet; from here on they do.
static enum fl_err decode(struct fl_map *map, const struct fl_progress *progress,
                          struct fl_error *error)
{
    struct fl_map_source *source = &map->source;
    enum fl_err err = source->unpack ? unpack(map, progress, error) : compute(map, progress, error);

    if (err)
        return err;
    if (source->finish)
        source->finish(source->user);
    source->finish = NULL;
    source->user = NULL;
    return FL_OK;
}

// The next part of the work, `share` of the whole.
static const struct fl_progress *go_on(struct fl_progress *progress, float share)
{
    progress->from = progress->to;
    progress->to += share;
    fl_progress_tell(progress, 0);
    return progress;
}

enum fl_err fl_map_load(struct fl_map *map, enum fl_norms norms, struct fl_error *error)
{
    bool packed = !map->source.base, plain = !fl_map_loaded(map, FL_NORMS_ZERO);
    bool other = norms != FL_NORMS_ZERO && !fl_map_loaded(map, norms);
    float whole = (packed ? DECODING : 0) + (float)plain + (float)other;
    struct fl_progress progress = {.done = &map->norms[norms].done};
    enum fl_err err = FL_OK;

    if (packed)
        err = decode(map, go_on(&progress, DECODING / whole), error);
    if (!err && plain)
        err = make_norms(map, FL_NORMS_ZERO, go_on(&progress, 1 / whole), error);
    if (!err && other)
        err = make_norms(map, norms, go_on(&progress, 1 / whole), error);
    if (err) // it may be tried again
        atomic_store_explicit(&map->norms[norms].done, 0, memory_order_relaxed);
    return err;
}
