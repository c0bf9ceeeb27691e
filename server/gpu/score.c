#include "score.h"

#include "server/data/references.h"

static void clear(struct fl_score *it)
{
    fl_raster_finish(&it->raw);
    fl_raster_finish(&it->unlike);
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
    return (int64_t)it->raw.w * it->raw.h * (it->unlike.texture ? 12 : 8);
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
        if (self->list[i].filled && fl_score_key_equal(&self->list[i].key, key))
            return i;
    }
    return -1;
}

bool fl_scores_have(const struct fl_scores *self, const struct fl_score_key *key)
{
    return lookup(self, key) >= 0;
}

static bool make_rasters(struct fl_score *it, const struct fl_map_facts *facts, bool has_unlike,
                         const struct fl_limits *limits)
{
    int32_t w = facts->w, h = facts->h;

    if (it->raw.w != w || it->raw.h != h) {
        clear(it);
        if (!fl_raster_init(&it->raw, w, h, limits) || !fl_raster_init(&it->made, w, h, limits))
            return false;
    }
    return !has_unlike || it->unlike.texture || fl_raster_init(&it->unlike, w, h, limits);
}

static bool begin(struct fl_score *it, const struct fl_frame *frame, const struct fl_score_key *key,
                  const struct fl_limits *limits)
{
    const struct fl_references *references = frame->references;
    bool has_unlike = references && fl_references_have(references, -1);

    if (!make_rasters(it, fl_map_facts(frame->map), has_unlike, limits)) {
        clear(it);
        return false;
    }
    it->key = *key;
    it->filled = false;
    it->has_like = !references || fl_references_have(references, 1);
    it->has_unlike = has_unlike;
    it->curve = FL_CURVE_NONE;
    return true;
}

struct fl_score *fl_scores_take(struct fl_scores *self, const struct fl_frame *frame,
                                const struct fl_limits *limits)
{
    struct fl_score_key key;

    fl_score_key_of(frame, &key);
    int kept = lookup(self, &key);
    struct fl_score *it = kept >= 0 ? &self->list[kept] : longest_unused(self);
    if (kept < 0 && !begin(it, frame, &key, limits))
        return NULL;
    it->used = ++self->clock;
    free_others(self, it);
    return it;
}
