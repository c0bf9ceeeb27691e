#include "score.h"

#include <string.h>

static const int64_t MOST_KEPT = 64 << 20; // bytes of all together, the one at hand left out

static void clear(struct fl_score *it)
{
    fl_raster_finish(&it->raw);
    fl_raster_finish(&it->made);
    *it = (struct fl_score){0};
}

void fl_scores_finish(struct fl_scores *self)
{
    for (int i = 0; i < FL_SCORES; i++)
        clear(&self->list[i]);
    *self = (struct fl_scores){0};
}

static int64_t bytes_of(const struct fl_score *it)
{
    return (int64_t)it->raw.w * it->raw.h * 8;
}

static struct fl_score *longest_unused(struct fl_scores *self)
{
    struct fl_score *oldest = &self->list[0];

    for (int i = 1; i < FL_SCORES; i++) {
        if (self->list[i].used < oldest->used)
            oldest = &self->list[i];
    }
    return oldest;
}

// Large maps: few are kept.
static void free_others(struct fl_scores *self, const struct fl_score *keep)
{
    int64_t kept = 0;

    for (int i = 0; i < FL_SCORES; i++) {
        struct fl_score *it = &self->list[i];
        if (it == keep)
            continue;
        kept += bytes_of(it);
        if (kept > MOST_KEPT) {
            kept -= bytes_of(it);
            clear(it);
        }
    }
}

static struct fl_score *lookup(struct fl_scores *self, const struct fl_score_key *key)
{
    for (int i = 0; i < FL_SCORES; i++) {
        if (self->list[i].filled && memcmp(&self->list[i].key, key, sizeof *key) == 0)
            return &self->list[i];
    }
    return NULL;
}

struct fl_score *fl_scores_take(struct fl_scores *self, const struct fl_score_key *key,
                                const struct fl_rect *size, const struct fl_limits *limits)
{
    struct fl_score *it = lookup(self, key);

    if (!it) {
        it = longest_unused(self);
        if (it->raw.w != size->w || it->raw.h != size->h) {
            clear(it);
            if (!fl_raster_init(&it->raw, size->w, size->h, limits) ||
                !fl_raster_init(&it->made, size->w, size->h, limits)) {
                clear(it);
                return NULL;
            }
        }
        it->key = *key;
        it->filled = false;
        it->curve = FL_CURVE_NONE;
    }
    it->used = ++self->clock;
    free_others(self, it);
    return it;
}
