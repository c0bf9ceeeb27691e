#include "score.h"

#include <string.h>

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

// Large maps: few are kept, those used last.
static void free_others(struct fl_scores *self, const struct fl_score *keep)
{
    for (int64_t bytes = FL_SCORES_KEPT + 1; bytes > FL_SCORES_KEPT;) {
        struct fl_score *oldest = NULL;
        bytes = 0;
        for (int i = 0; i < FL_SCORES; i++) {
            struct fl_score *it = &self->list[i];
            if (it == keep || !it->raw.texture)
                continue;
            bytes += bytes_of(it);
            if (!oldest || it->used < oldest->used)
                oldest = it;
        }
        if (bytes > FL_SCORES_KEPT && oldest)
            clear(oldest);
    }
}

size_t fl_scores_together(int32_t w, int32_t h)
{
    int64_t n = FL_SCORES_KEPT / ((int64_t)w * h * 8);

    return n < 1 ? 1 : (size_t)n;
}

static int lookup(const struct fl_scores *self, const struct fl_score_key *key)
{
    for (int i = 0; i < FL_SCORES; i++) {
        if (self->list[i].filled && memcmp(&self->list[i].key, key, sizeof *key) == 0)
            return i;
    }
    return -1;
}

bool fl_scores_have(const struct fl_scores *self, const struct fl_score_key *key)
{
    return lookup(self, key) >= 0;
}

struct fl_score *fl_scores_take(struct fl_scores *self, const struct fl_score_key *key,
                                const struct fl_rect *size, const struct fl_limits *limits)
{
    int kept = lookup(self, key);
    struct fl_score *it = kept >= 0 ? &self->list[kept] : longest_unused(self);

    if (kept < 0) {
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
