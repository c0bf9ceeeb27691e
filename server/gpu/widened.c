#include "widened.h"

#include "budget.h"
#include "server/base/crew.h"
#include "server/base/mem.h"
#include "server/data/map.h"

struct copy {
    struct copy *next;
    struct fl_map *map; // shared reference, so that no other map can have its address
    float *values;      // owned
    uint64_t bytes, used;
};

struct fl_widened {
    struct copy *first;
    uint64_t budget, bytes, clock;
};

struct fl_widened *fl_widened_create(uint64_t budget)
{
    struct fl_widened *self = fl_new(struct fl_widened);

    self->budget = budget;
    return self;
}

static void drop(struct fl_widened *self, struct copy *copy)
{
    struct copy **at = &self->first;

    while (*at != copy)
        at = &(*at)->next;
    *at = copy->next;
    self->bytes -= copy->bytes;
    fl_map_unref(copy->map);
    free(copy->values);
    free(copy);
}

void fl_widened_destroy(struct fl_widened *self)
{
    if (!self)
        return;
    while (self->first)
        drop(self, self->first);
    free(self);
}

void fl_widened_drop(struct fl_widened *self, const struct fl_map *map)
{
    for (struct copy *copy = self->first; copy; copy = copy->next)
        if (copy->map == map) {
            drop(self, copy);
            return;
        }
}

static struct copy *oldest(const struct fl_widened *self)
{
    struct copy *found = self->first;

    for (struct copy *copy = found; copy; copy = copy->next)
        if (copy->used < found->used)
            found = copy;
    return found;
}

enum { ROWS = 16 }; // read at a time: channels-last files in Fortran order need as many

struct work {
    const struct fl_map *map;
    const struct fl_map_facts *facts;
    float *out;
};

static void read_rows(void *user, size_t job)
{
    const struct work *work = user;
    int32_t y = (int32_t)job * ROWS, left = work->facts->h - y;
    size_t row = (size_t)work->facts->w * (size_t)work->facts->d;

    fl_map_read_rows(work->map, y, left < ROWS ? left : ROWS, work->out + (size_t)y * row);
}

static struct copy *add(struct fl_widened *self, struct fl_crew *crew, struct fl_map *map)
{
    const struct fl_map_facts *facts = fl_map_facts(map);

    if (facts->bytes > self->budget)
        return NULL;
    while (self->bytes + facts->bytes > self->budget)
        drop(self, oldest(self));
    if (facts->bytes > fl_budget_left_now(true)) // memory that is granted may not be there
        return NULL;
    float *values = malloc(facts->bytes);
    if (!values)
        return NULL;
    struct work work = {map, facts, values};
    fl_crew_run(crew, ((size_t)facts->h + ROWS - 1) / ROWS, read_rows, &work);
    struct copy *copy = fl_new(struct copy);
    *copy = (struct copy){self->first, fl_map_ref(map), values, facts->bytes, 0};
    self->first = copy;
    self->bytes += facts->bytes;
    return copy;
}

const float *fl_widened_values(struct fl_widened *self, struct fl_crew *crew, struct fl_map *map)
{
    const float *mapped = fl_map_rows(map, 0);
    struct copy *copy = self->first;

    if (mapped)
        return mapped;
    while (copy && copy->map != map)
        copy = copy->next;
    if (!copy)
        copy = add(self, crew, map);
    if (!copy)
        return NULL;
    copy->used = ++self->clock;
    return copy->values;
}
