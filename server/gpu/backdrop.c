#include "backdrop.h"

#include "server/base/mem.h"
#include "server/data/picture.h"

#include <math.h>

static const double MOST_PIXELS = 33554432; // 2^25

void fl_backdrops_init(struct fl_backdrops *self, const struct fl_limits *limits)
{
    *self = (struct fl_backdrops){.side = limits->side, .slice = limits->slice};
}

static void clear(struct fl_backdrop *it)
{
    glDeleteTextures(1, &it->texture);
    free(it->reduced);
    fl_picture_unref(it->picture);
    *it = (struct fl_backdrop){0};
}

void fl_backdrops_finish(struct fl_backdrops *self)
{
    for (int i = 0; i < FL_BACKDROPS; i++)
        clear(&self->list[i]);
    *self = (struct fl_backdrops){0};
}

static struct fl_backdrop *lookup(struct fl_backdrops *self, const struct fl_picture *picture)
{
    for (int i = 0; i < FL_BACKDROPS; i++) {
        if (self->list[i].picture == picture) {
            self->list[i].used = ++self->clock;
            return &self->list[i];
        }
    }
    return NULL;
}

const struct fl_backdrop *fl_backdrops_find(struct fl_backdrops *self,
                                            const struct fl_picture *picture)
{
    const struct fl_backdrop *it = lookup(self, picture);

    return it && it->rows > it->h ? it : NULL;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

// As large as the picture, or as it may be; pixels of the reduced copy then.
static bool fit(struct fl_backdrop *it, int32_t side)
{
    double w = fl_picture_w(it->picture), h = fl_picture_h(it->picture);
    double scale = smaller(sqrt(MOST_PIXELS / (w * h)), smaller(side / w, side / h));

    it->w = fl_picture_w(it->picture);
    it->h = fl_picture_h(it->picture);
    if (scale >= 1)
        return true;
    it->w = (int32_t)(w * scale) > 0 ? (int32_t)(w * scale) : 1;
    it->reduced = fl_picture_scaled(it->picture, it->w, &it->h);
    return it->reduced && it->h <= side;
}

static int32_t mipmaps(int32_t w, int32_t h)
{
    int32_t levels = 1;
    for (int32_t side = w > h ? w : h; side > 1; side /= 2)
        levels++;
    return levels;
}

static bool begin(struct fl_backdrops *self, struct fl_picture *picture)
{
    struct fl_backdrop *it = &self->list[0];

    for (int i = 1; i < FL_BACKDROPS; i++) {
        if (self->list[i].used < it->used)
            it = &self->list[i];
    }
    clear(it);
    it->picture = fl_picture_ref(picture);
    it->used = ++self->clock;
    if (!fit(it, self->side)) {
        clear(it);
        return false;
    }
    glActiveTexture(GL_TEXTURE0);
    glGenTextures(1, &it->texture);
    glBindTexture(GL_TEXTURE_2D, it->texture);
    glTexStorage2D(GL_TEXTURE_2D, mipmaps(it->w, it->h), GL_RGB8, it->w, it->h);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    if (fl_gl_ok("picture"))
        return true;
    clear(it);
    return false;
}

bool fl_backdrops_fill(struct fl_backdrops *self, struct fl_picture *picture)
{
    struct fl_backdrop *it = lookup(self, picture);

    if (!it)
        return begin(self, picture);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, it->texture);
    if (it->rows == it->h) {
        glGenerateMipmap(GL_TEXTURE_2D);
        it->rows++;
        free(it->reduced);
        it->reduced = NULL;
        return fl_gl_ok("picture");
    }
    const uint8_t *rgb = it->reduced ? it->reduced : fl_picture_rgb(picture);
    if (!rgb)
        return false;
    uint64_t row = (uint64_t)it->w * 3, n = self->slice / row + 1;
    int32_t rows = n < (uint64_t)(it->h - it->rows) ? (int32_t)n : it->h - it->rows;

    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, it->rows, it->w, rows, GL_RGB, GL_UNSIGNED_BYTE,
                    rgb + row * (uint64_t)it->rows);
    it->rows += rows;
    return fl_gl_ok("picture");
}
