#include "features.h"

#include "budget.h"
#include "server/base/mem.h"
#include "server/data/map.h"

#include <string.h>

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t at_most(uint64_t value, int32_t most)
{
    return value < (uint64_t)most ? (int32_t)value : most;
}

static int32_t at_least_one(int32_t value)
{
    return value < 1 ? 1 : value;
}

static int32_t groups_of(int32_t d)
{
    return (d + 3) / 4;
}

static uint64_t pixel_bytes(int32_t groups, bool half)
{
    return (uint64_t)groups * (half ? 8 : 16);
}

uint64_t fl_features_bytes(int32_t w, int32_t h, int32_t d, bool half)
{
    uint64_t bytes = 0;

    if (__builtin_mul_overflow((uint64_t)w * (uint64_t)h, pixel_bytes(groups_of(d), half), &bytes))
        return UINT64_MAX;
    return bytes;
}

// Cuts one sheet of the rasters into tiles; `tiles` NULL: only counts them.
static size_t plan_sheet(const struct fl_features *self, struct fl_rect sheet,
                         const struct fl_limits *limits, struct fl_tile *tiles)
{
    uint64_t pixel = pixel_bytes(self->groups, self->half);
    int32_t w = at_least_one(at_most(limits->tile / pixel, sheet.w));
    int32_t h = at_least_one(
        at_most(limits->tile / (pixel * (uint64_t)w), smaller(sheet.h, limits->layers)));
    size_t n = 0;

    for (int32_t y = 0; y < sheet.h; y += h) {
        for (int32_t x = 0; x < sheet.w; x += w, n++) {
            if (tiles)
                tiles[n].rect = (struct fl_rect){sheet.x + x, sheet.y + y, smaller(w, sheet.w - x),
                                                 smaller(h, sheet.h - y)};
        }
    }
    return n;
}

static size_t plan(const struct fl_features *self, const struct fl_limits *limits,
                   struct fl_tile *tiles)
{
    size_t n = 0;
    int32_t sheet = 0, side = limits->side;

    for (int32_t y = 0; y < self->h; y += smaller(side, self->h - y)) {
        for (int32_t x = 0; x < self->w; x += smaller(side, self->w - x), sheet++) {
            struct fl_rect rect = {x, y, smaller(side, self->w - x), smaller(side, self->h - y)};
            size_t here = plan_sheet(self, rect, limits, tiles ? tiles + n : NULL);
            for (size_t i = n; tiles && i < n + here; i++)
                tiles[i].sheet = sheet;
            n += here;
        }
    }
    return n;
}

enum fl_err fl_features_init(struct fl_features *self, int32_t w, int32_t h, int32_t d,
                             const struct fl_limits *limits, struct fl_error *error)
{
    *self =
        (struct fl_features){.w = w, .h = h, .d = d, .groups = groups_of(d), .half = limits->half};
    if (self->groups > limits->side)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "This GPU takes at most %d channels and the map has %d; leave some out.",
                       4 * limits->side, d);
    self->n_tiles = plan(self, limits, NULL); // at least one: w and h are
    self->tiles = self->n_tiles > 0 ? calloc(self->n_tiles, sizeof *self->tiles) : NULL;
    if (!self->tiles)
        return fl_fail(error, FL_ERR_TOO_BIG, "There is no memory to plan a map of %d x %d x %d.",
                       w, h, d);
    plan(self, limits, self->tiles);
    return FL_OK;
}

void fl_features_drop_buffers(struct fl_features *self)
{
    for (size_t i = 0; self->tiles && i < self->n_tiles; i++) {
        glDeleteBuffers(1, &self->tiles[i].buffer);
        self->tiles[i].buffer = 0;
    }
}

void fl_features_finish(struct fl_features *self)
{
    fl_features_drop_buffers(self);
    for (size_t i = 0; self->tiles && i < self->n_tiles; i++)
        glDeleteTextures(1, &self->tiles[i].texture);
    free(self->tiles);
    free(self->staging);
    *self = (struct fl_features){0};
}

bool fl_features_full(const struct fl_features *self)
{
    return self->tile == self->n_tiles;
}

static enum fl_err allocate(const struct fl_features *self, struct fl_tile *tile,
                            struct fl_error *error)
{
    glGenTextures(1, &tile->texture);
    glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 1, self->half ? GL_RGBA16F : GL_RGBA32F, self->groups,
                   tile->rect.w, tile->rect.h);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    if (fl_gl_error() == GL_NO_ERROR)
        return FL_OK;
    glDeleteTextures(1, &tile->texture);
    tile->texture = 0;
    uint64_t bytes = fl_features_bytes(tile->rect.w, tile->rect.h, self->d, self->half);
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "The GPU's driver has no room for another %s of this map; close other maps "
                   "or give --gpu-memory a smaller number.",
                   fl_budget_text(bytes).text);
}

// Where cell (x, y)'s values lie with no need to change them, rows following one another; or NULL.
static const float *lying(const struct fl_features *self, const struct fl_map *map,
                          const float *values, int32_t x, int32_t y)
{
    const float *row = NULL;

    if (self->d % 4 == 0 && map)
        row = fl_map_rows(map, y);
    else if (self->d % 4 == 0)
        row = values + (size_t)y * (size_t)self->w * (size_t)self->d;
    return row ? row + (size_t)x * (size_t)self->d : NULL;
}

static void pad(const struct fl_features *self, const float *in, size_t n, float *out)
{
    size_t d = (size_t)self->d, padded = (size_t)self->groups * 4;

    for (size_t i = 0; i < n; i++, in += d, out += padded) {
        memcpy(out, in, d * sizeof *out);
        memset(out + d, 0, (padded - d) * sizeof *out);
    }
}

static bool make_room(struct fl_features *self, size_t floats)
{
    if (floats <= self->staged)
        return true;
    free(self->staging);
    self->staging = malloc(floats * sizeof *self->staging);
    self->staged = self->staging ? floats : 0;
    return self->staging != NULL;
}

// The cells of `part` in the order of the texture, padded; NULL without memory.
static const float *stage(struct fl_features *self, const struct fl_map *map, const float *values,
                          struct fl_rect part)
{
    size_t padded = (size_t)self->groups * 4, d = (size_t)self->d;
    size_t cells = (size_t)part.w * (size_t)part.h;

    if (!make_room(self, cells * (padded + d)))
        return NULL;
    float *raw = self->staging + cells * padded;
    if (!map) {
        for (int32_t y = 0; y < part.h; y++) {
            size_t first = (size_t)(part.y + y) * (size_t)self->w + (size_t)part.x;
            size_t row = (size_t)y * (size_t)part.w;
            memcpy(raw + row * d, values + first * d, (size_t)part.w * d * sizeof *raw);
        }
    } else if (part.w == self->w) {
        fl_map_read_rows(map, part.y, part.h, raw);
    } else {
        float *out = raw;
        for (int32_t y = part.y; y < part.y + part.h; y++)
            for (int32_t x = part.x; x < part.x + part.w; x++, out += d)
                fl_map_read_vector(map, x, y, out);
    }
    pad(self, raw, cells, self->staging);
    return self->staging;
}

// The next cells to upload: whole rows of the tile, or a part of one where a row is over the slice.
static struct fl_rect next_part(const struct fl_features *self, const struct fl_limits *limits)
{
    const struct fl_rect *rect = &self->tiles[self->tile].rect;
    uint64_t pixel = pixel_bytes(self->groups, self->half), row = pixel * (uint64_t)rect->w;
    struct fl_rect part = {rect->x + self->column, rect->y + self->row, rect->w - self->column, 1};

    if (self->column == 0 && row <= limits->slice)
        part.h = at_most(limits->slice / row, rect->h - self->row);
    else
        part.w = at_least_one(at_most(limits->slice / pixel, part.w));
    return part;
}

static void advance(struct fl_features *self, struct fl_rect part)
{
    const struct fl_rect *rect = &self->tiles[self->tile].rect;

    self->column += part.w;
    if (self->column < rect->w)
        return;
    self->column = 0;
    self->row += part.h;
    if (self->row < rect->h)
        return;
    self->row = 0;
    self->tile++;
    if (fl_features_full(self)) {
        free(self->staging);
        self->staging = NULL;
        self->staged = 0;
    }
}

enum fl_err fl_features_fill(struct fl_features *self, const struct fl_map *map,
                             const float *values, const struct fl_limits *limits,
                             struct fl_error *error)
{
    struct fl_tile *tile = &self->tiles[self->tile];
    // A slice of its own: a software renderer clears what it allocates.
    if (!tile->texture)
        return allocate(self, tile, error);

    struct fl_rect part = next_part(self, limits);
    const float *from = lying(self, map, values, part.x, part.y);
    bool in_place = from != NULL;
    if (!in_place)
        from = stage(self, map, values, part);
    if (!from)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is no memory to prepare a map of %d x %d x %d for the GPU.", self->w,
                       self->h, self->d);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, tile->texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glPixelStorei(GL_UNPACK_IMAGE_HEIGHT, in_place ? self->w : part.w);
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, part.x - tile->rect.x, part.y - tile->rect.y,
                    self->groups, part.w, part.h, GL_RGBA, GL_FLOAT, from);
    glPixelStorei(GL_UNPACK_IMAGE_HEIGHT, 0);
    if (fl_gl_error() != GL_NO_ERROR)
        return fl_fail(error, FL_ERR_GPU, "The GPU's driver refused a part of the map; try again.");
    advance(self, part);
    return FL_OK;
}
