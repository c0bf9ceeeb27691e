#define LOG_MODULE "store"
#include "store.h"

#include "budget.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <assert.h>

void fl_store_init(struct fl_store *self, const struct fl_limits *limits, uint64_t budget)
{
    *self = (struct fl_store){.limits = *limits, .budget = budget};
}

// Takes it out of the list and frees it.
static void drop(struct fl_store *self, struct fl_resident *resident)
{
    struct fl_resident **link = &self->first;

    while (*link != resident) {
        assert(*link);
        link = &(*link)->next;
    }
    *link = resident->next;
    self->bytes -= resident->bytes;
    log_debug("%s leaves GPU memory", fl_map_facts(resident->map)->name);
    fl_resident_finish(resident);
    free(resident);
}

void fl_store_finish(struct fl_store *self)
{
    while (self->first)
        drop(self, self->first);
    *self = (struct fl_store){0};
}

static struct fl_resident *lookup(const struct fl_store *self, const struct fl_map *map)
{
    struct fl_resident *resident = self->first;

    while (resident && resident->map != map)
        resident = resident->next;
    return resident;
}

struct fl_resident *fl_store_find(struct fl_store *self, const struct fl_map *map,
                                  enum fl_norms norms)
{
    struct fl_resident *resident = lookup(self, map);

    if (!resident || !fl_resident_ready(resident, norms))
        return NULL;
    resident->used = ++self->clock;
    return resident;
}

void fl_store_drop(struct fl_store *self, const struct fl_map *map)
{
    struct fl_resident *resident = lookup(self, map);

    if (resident)
        drop(self, resident);
}

static struct fl_resident *longest_unused(const struct fl_store *self,
                                          const struct fl_resident *keep)
{
    struct fl_resident *oldest = NULL;

    for (struct fl_resident *r = self->first; r; r = r->next) {
        if (r != keep && (!oldest || r->used < oldest->used))
            oldest = r;
    }
    return oldest;
}

// Room for `bytes` more within the budget and within what the machine has now. A software renderer
// clears what it allocates: without this check it would meet the kernel's OOM killer, not an error.
static enum fl_err make_room(struct fl_store *self, const struct fl_resident *keep, uint64_t bytes,
                             const struct fl_map *map, struct fl_error *error)
{
    uint64_t kept = keep ? keep->bytes : 0, whole = 0;
    const char *name = fl_map_facts(map)->name;

    if (__builtin_add_overflow(kept, bytes, &whole) || whole > self->budget)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "The map \"%s\" needs %s of GPU memory and %s are set aside for maps; "
                       "give --gpu-memory more or show a smaller map.",
                       name, fl_budget_text(whole).text, fl_budget_text(self->budget).text);
    struct fl_resident *oldest = NULL;
    while (self->bytes > self->budget - bytes && (oldest = longest_unused(self, keep)))
        drop(self, oldest);
    uint64_t left = fl_budget_left_now(self->limits.software);
    while (bytes > left && (oldest = longest_unused(self, keep))) {
        drop(self, oldest);
        left = fl_budget_left_now(self->limits.software);
    }
    if (bytes <= left)
        return FL_OK;
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "The map \"%s\" needs %s more of GPU memory and only %s are free on this "
                   "machine now; end other programs or show a smaller map.",
                   name, fl_budget_text(bytes).text, fl_budget_text(left).text);
}

// `norms` are only looked at: they are counted when they are made.
static enum fl_err add(struct fl_store *self, struct fl_map *map, enum fl_norms norms,
                       struct fl_resident **out, struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    uint64_t bytes = fl_resident_bytes(map, &self->limits), whole = 0;

    if (__builtin_add_overflow(bytes, fl_resident_norms_bytes(facts, norms), &whole))
        whole = UINT64_MAX;
    enum fl_err err = make_room(self, NULL, whole, map, error);
    if (err)
        return err;

    struct fl_resident *resident = fl_new(struct fl_resident);
    err = fl_resident_init(resident, map, &self->limits, error);
    if (err) {
        fl_resident_finish(resident);
        free(resident);
        return err;
    }
    resident->id = ++self->ids;
    resident->bytes = bytes;
    resident->next = self->first;
    self->first = resident;
    self->bytes += bytes;
    *out = resident;
    return FL_OK;
}

// Before the first slice of other norms than the map came with: room for them.
static enum fl_err account(struct fl_store *self, struct fl_resident *resident, enum fl_norms norms,
                           struct fl_error *error)
{
    uint64_t bytes = fl_resident_norms_bytes(fl_map_facts(resident->map), norms);

    if (bytes == 0 || resident->norms[norms].counted || !fl_features_full(&resident->features))
        return FL_OK;
    enum fl_err err = make_room(self, resident, bytes, resident->map, error);
    if (err)
        return err;
    resident->norms[norms].counted = true;
    resident->bytes += bytes;
    self->bytes += bytes;
    return FL_OK;
}

// The driver may have less room than was thought: then others leave, and the next slice tries again.
static enum fl_err fill(struct fl_store *self, struct fl_resident *resident, enum fl_norms norms,
                        struct fl_error *error)
{
    struct fl_error reason = {0};
    enum fl_err err = fl_resident_fill(resident, norms, &self->limits, &reason);
    struct fl_resident *oldest = err == FL_ERR_TOO_BIG ? longest_unused(self, resident) : NULL;

    if (oldest) {
        drop(self, oldest);
        return FL_OK;
    }
    if (err)
        *error = reason;
    return err;
}

enum fl_err fl_store_fill(struct fl_store *self, struct fl_map *map, enum fl_norms norms,
                          struct fl_error *error)
{
    struct fl_resident *resident = lookup(self, map);
    enum fl_err err = resident ? FL_OK : add(self, map, norms, &resident, error);

    if (err)
        return err;
    resident->used = ++self->clock;
    err = account(self, resident, norms, error);
    if (!err)
        err = fill(self, resident, norms, error);
    if (!err && fl_map_gone(map))
        err =
            fl_fail(error, FL_ERR_GONE,
                    "The file of the map \"%s\" shrank or went away while it was read; put it back "
                    "and open the map again.",
                    fl_map_facts(map)->name);
    if (err)
        drop(self, resident);
    else if (fl_resident_ready(resident, norms))
        log_debug("%s is in GPU memory; maps take %s of %s", fl_map_facts(map)->name,
                  fl_budget_text(self->bytes).text, fl_budget_text(self->budget).text);
    return err;
}

void fl_store_mirror(struct fl_store *self, struct fl_resident *resident, struct fl_lanes *lanes)
{
    const struct fl_features *features = &resident->features;
    uint64_t bytes = fl_features_bytes(features->w, features->h, features->d, false);
    struct fl_error error = {0};

    if (resident->is_mirrored)
        return;
    resident->is_mirrored = true;
    if (make_room(self, resident, bytes, resident->map, &error)) {
        log_debug("no buffers: %s", error.text);
    } else if (fl_lanes_mirror(lanes, &resident->features)) {
        resident->bytes += bytes;
        self->bytes += bytes;
    }
}
