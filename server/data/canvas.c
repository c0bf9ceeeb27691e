#include "canvas.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"

#include <math.h>

enum { FINE = 2 }; // how much finer the canvas is, each way

bool fl_canvas_init(struct fl_canvas *canvas, int32_t w, int32_t h)
{
    *canvas = (struct fl_canvas){.w = w, .h = h};
    canvas->at = calloc((size_t)w * (size_t)h * FINE * FINE, sizeof *canvas->at);
    return canvas->at != NULL;
}

void fl_canvas_finish(struct fl_canvas *canvas)
{
    free(canvas->at);
    *canvas = (struct fl_canvas){0};
}

static float light_of_byte(uint32_t byte)
{
    float v = (float)(byte & 255) / 255;

    return v <= 0.04045F ? v / 12.92F : powf((v + 0.055F) / 1.055F, 2.4F);
}

struct fl_light fl_light_of(uint32_t srgb)
{
    return (struct fl_light){
        .r = light_of_byte(srgb >> 16),
        .g = light_of_byte(srgb >> 8),
        .b = light_of_byte(srgb),
    };
}

struct fl_light fl_light_mix(struct fl_light a, struct fl_light b, float t)
{
    return (struct fl_light){
        .r = a.r + (b.r - a.r) * t,
        .g = a.g + (b.g - a.g) * t,
        .b = a.b + (b.b - a.b) * t,
    };
}

struct fl_light fl_light_scale(struct fl_light light, float by)
{
    return (struct fl_light){.r = light.r * by, .g = light.g * by, .b = light.b * by};
}

float fl_smooth(float low, float high, float x)
{
    float t = fminf(1, fmaxf(0, (x - low) / (high - low)));

    return t * t * (3 - 2 * t);
}

static struct fl_light *pixel(const struct fl_canvas *canvas, int32_t i, int32_t j)
{
    return &canvas->at[(size_t)j * (size_t)canvas->w * FINE + (size_t)i];
}

// The canvas's own pixels inside a box, half-open.
struct area {
    int32_t left, top, right, bottom;
};

static int32_t limit(float at, int32_t side)
{
    return at <= 0 ? 0 : at >= (float)side ? side : (int32_t)at;
}

static struct area area_of(const struct fl_canvas *canvas, float x0, float y0, float x1, float y1)
{
    return (struct area){
        .left = limit(floorf(x0 * FINE), canvas->w * FINE),
        .top = limit(floorf(y0 * FINE), canvas->h * FINE),
        .right = limit(ceilf(x1 * FINE), canvas->w * FINE),
        .bottom = limit(ceilf(y1 * FINE), canvas->h * FINE),
    };
}

static float middle(int32_t i)
{
    return ((float)i + 0.5F) / FINE;
}

struct filling {
    const struct fl_canvas *canvas;
    struct area area;
    fl_paint_fn fn;
    const void *user;
};

static void fill_row(void *user, size_t row)
{
    const struct filling *filling = user;
    int32_t j = filling->area.top + (int32_t)row;

    for (int32_t i = filling->area.left; i < filling->area.right; i++) {
        struct fl_paint paint = filling->fn(filling->user, middle(i), middle(j));
        struct fl_light *at = pixel(filling->canvas, i, j);
        if (paint.cover > 0)
            *at = fl_light_mix(*at, paint.light, fminf(1, paint.cover));
    }
}

void fl_canvas_fill(struct fl_canvas *canvas, const float box[4], fl_paint_fn fn, const void *user)
{
    struct filling filling = {
        .canvas = canvas,
        .area = area_of(canvas, box[0], box[1], box[2], box[3]),
        .fn = fn,
        .user = user,
    };

    if (filling.area.bottom > filling.area.top)
        fl_parallel((size_t)(filling.area.bottom - filling.area.top), fill_row, &filling);
}

struct ellipse { // a dab, ready to be asked
    const struct fl_dab *dab;
    float cos, sin;
    struct area area;
};

static struct ellipse ellipse_of(const struct fl_canvas *canvas, const struct fl_dab *dab)
{
    float reach = fmaxf(dab->rx, dab->ry) + 1;

    return (struct ellipse){
        .dab = dab,
        .cos = cosf(dab->angle),
        .sin = sinf(dab->angle),
        .area = area_of(canvas, dab->x - reach, dab->y - reach, dab->x + reach, dab->y + reach),
    };
}

static float cover_of(const struct ellipse *ellipse, int32_t i, int32_t j)
{
    const struct fl_dab *dab = ellipse->dab;
    float dx = middle(i) - dab->x, dy = middle(j) - dab->y;
    float u = (ellipse->cos * dx + ellipse->sin * dy) / dab->rx;
    float v = (ellipse->cos * dy - ellipse->sin * dx) / dab->ry;

    return dab->cover * (1 - fl_smooth(1 - fmaxf(dab->soft, 0.02F), 1, sqrtf(u * u + v * v)));
}

void fl_canvas_dab(struct fl_canvas *canvas, const struct fl_dab *dab, struct fl_light light)
{
    struct ellipse ellipse = ellipse_of(canvas, dab);

    for (int32_t j = ellipse.area.top; j < ellipse.area.bottom; j++)
        for (int32_t i = ellipse.area.left; i < ellipse.area.right; i++) {
            struct fl_light *at = pixel(canvas, i, j);
            *at = fl_light_mix(*at, light, cover_of(&ellipse, i, j));
        }
}

void fl_canvas_darken(struct fl_canvas *canvas, const struct fl_dab *dab, struct fl_light by)
{
    struct ellipse ellipse = ellipse_of(canvas, dab);

    for (int32_t j = ellipse.area.top; j < ellipse.area.bottom; j++)
        for (int32_t i = ellipse.area.left; i < ellipse.area.right; i++) {
            struct fl_light *at = pixel(canvas, i, j);
            struct fl_light dark = {.r = at->r * by.r, .g = at->g * by.g, .b = at->b * by.b};
            *at = fl_light_mix(*at, dark, cover_of(&ellipse, i, j));
        }
}

void fl_canvas_stroke(struct fl_canvas *canvas, const struct fl_stroke *stroke)
{
    const struct fl_stroke *s = stroke;
    float reach = fmaxf(s->w0, s->w1) / 2 + 1;
    float dx = s->x1 - s->x0, dy = s->y1 - s->y0, square = fmaxf(dx * dx + dy * dy, 1e-6F);
    struct area area = area_of(canvas, fminf(s->x0, s->x1) - reach, fminf(s->y0, s->y1) - reach,
                               fmaxf(s->x0, s->x1) + reach, fmaxf(s->y0, s->y1) + reach);

    for (int32_t j = area.top; j < area.bottom; j++)
        for (int32_t i = area.left; i < area.right; i++) {
            float x = middle(i) - s->x0, y = middle(j) - s->y0;
            float t = fminf(1, fmaxf(0, (x * dx + y * dy) / square));
            float away = hypotf(x - t * dx, y - t * dy);
            float half = (s->w0 + (s->w1 - s->w0) * t) / 2;
            // An edge of half a fine pixel; strokes thinner than one are fainter instead.
            float cover =
                fminf(1, fmaxf(0, (half - away) * FINE + 0.5F)) * fminf(1, half * 2 * FINE);
            struct fl_light *at = pixel(canvas, i, j);
            if (cover > 0)
                *at = fl_light_mix(*at, fl_light_mix(s->from, s->to, t), cover);
        }
}

struct fl_light fl_canvas_look(const struct fl_canvas *canvas, float x, float y)
{
    int32_t i = limit(x * FINE, canvas->w * FINE - 1), j = limit(y * FINE, canvas->h * FINE - 1);

    return *pixel(canvas, i, j);
}

static uint8_t byte_of(float light)
{
    float v = fmaxf(0, light);

    v = v <= 0.0031308F ? v * 12.92F : 1.055F * powf(v, 1 / 2.4F) - 0.055F;
    return (uint8_t)(fminf(1, v) * 255 + 0.5F);
}

struct developing {
    const struct fl_canvas *canvas;
    uint8_t *rgb;
};

static void develop_row(void *user, size_t y)
{
    const struct developing *developing = user;
    const struct fl_canvas *canvas = developing->canvas;
    uint8_t *out = developing->rgb + y * (size_t)canvas->w * 3;

    for (int32_t x = 0; x < canvas->w; x++, out += 3) {
        struct fl_light sum = {0};
        for (int32_t k = 0; k < FINE * FINE; k++) {
            struct fl_light *at = pixel(canvas, x * FINE + k % FINE, (int32_t)y * FINE + k / FINE);
            sum.r += at->r;
            sum.g += at->g;
            sum.b += at->b;
        }
        out[0] = byte_of(sum.r / (FINE * FINE));
        out[1] = byte_of(sum.g / (FINE * FINE));
        out[2] = byte_of(sum.b / (FINE * FINE));
    }
}

void fl_canvas_develop(const struct fl_canvas *canvas, uint8_t *rgb)
{
    struct developing developing = {.canvas = canvas, .rgb = rgb};

    fl_parallel((size_t)canvas->h, develop_row, &developing);
}
