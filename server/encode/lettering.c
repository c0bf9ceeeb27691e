#include "lettering.h"

#include "glyphs.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { TALL = 10, GAP = 3, BLANK = 4, MOST_POINTS = 128 };

static const double PEN = 0.115; // its width, in heights of a digit

struct point {
    double x, y;
};

struct line { // one stroke
    struct point points[MOST_POINTS];
    int n;
};

static int digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

// Cuts every corner at a quarter of its sides; done a few times, this is a quadratic spline.
static void cut_corners(struct line *line, bool closed)
{
    struct line cut = {.n = 0};
    int sides = closed ? line->n : line->n - 1;

    if (!closed)
        cut.points[cut.n++] = line->points[0];
    for (int i = 0; i < sides; i++) {
        struct point a = line->points[i], b = line->points[(i + 1) % line->n];
        bool first = !closed && i == 0, last = !closed && i == sides - 1;
        if (!first)
            cut.points[cut.n++] = (struct point){a.x + (b.x - a.x) / 4, a.y + (b.y - a.y) / 4};
        if (!last)
            cut.points[cut.n++] = (struct point){b.x - (b.x - a.x) / 4, b.y - (b.y - a.y) / 4};
    }
    if (!closed)
        cut.points[cut.n++] = line->points[line->n - 1];
    *line = cut;
}

// The stroke at *text, which moves behind it.
static struct line read_stroke(const char **text)
{
    struct line line = {.n = 0};
    const char *at = *text;
    char kind = *at;

    if (kind == '~' || kind == 'o')
        at++;
    for (; *at && *at != ' '; at += 2)
        line.points[line.n++] = (struct point){digit(at[0]), digit(at[1])};
    if (kind == '~' || kind == 'o')
        for (int i = 0; i < 3; i++)
            cut_corners(&line, kind == 'o');
    if (kind == 'o')
        line.points[line.n++] = line.points[0];
    *text = *at == ' ' ? at + 1 : at;
    return line;
}

static double distance(struct point p, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, len = dx * dx + dy * dy;
    double t = len > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / len : 0;

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

static void blend(uint8_t *rgb, const uint8_t ink[3], double cover)
{
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lround(rgb[c] + (ink[c] - rgb[c]) * cover);
}

struct box {
    int32_t x0, y0, x1, y1;
};

static int32_t clip(double value, int32_t most)
{
    return value <= 0 ? 0 : value >= most ? most : (int32_t)value;
}

static struct box box_of(const struct fl_paper *paper, const struct line *line, double around)
{
    double x0 = line->points[0].x, x1 = x0, y0 = line->points[0].y, y1 = y0;

    for (int i = 1; i < line->n; i++) {
        x0 = fmin(x0, line->points[i].x);
        x1 = fmax(x1, line->points[i].x);
        y0 = fmin(y0, line->points[i].y);
        y1 = fmax(y1, line->points[i].y);
    }
    return (struct box){clip(x0 - around, paper->w), clip(y0 - around, paper->h),
                        clip(x1 + around + 1, paper->w), clip(y1 + around + 1, paper->h)};
}

// The line is in pixels. Smooth edges: a pixel is covered by how far its centre lies inside.
static void draw_line(const struct fl_paper *paper, const struct line *line, double pen,
                      const uint8_t ink[3])
{
    struct box box = box_of(paper, line, pen / 2 + 1);

    for (int32_t y = box.y0; y < box.y1; y++)
        for (int32_t x = box.x0; x < box.x1; x++) {
            struct point centre = {x + 0.5, y + 0.5};
            double nearest = distance(centre, line->points[0], line->points[0]);
            for (int i = 0; i + 1 < line->n; i++)
                nearest = fmin(nearest, distance(centre, line->points[i], line->points[i + 1]));
            double cover = pen / 2 + 0.5 - nearest;
            if (cover > 0)
                blend(paper->rgb + ((size_t)y * (size_t)paper->w + (size_t)x) * 3, ink,
                      fmin(1, cover));
        }
}

static void draw_glyph(const struct fl_paper *paper, const struct fl_letters *letters, double x,
                       const struct fl_glyph *glyph)
{
    double unit = letters->height / TALL;

    for (const char *at = glyph->strokes; *at;) {
        struct line line = read_stroke(&at);
        for (int i = 0; i < line.n; i++) {
            line.points[i].x = x + line.points[i].x * unit;
            line.points[i].y = letters->y + (line.points[i].y - TALL) * unit;
        }
        draw_line(paper, &line, fmax(1.2, PEN * letters->height), letters->ink);
    }
}

void fl_letters_draw(const struct fl_paper *paper, const struct fl_letters *letters,
                     const char *text)
{
    double unit = letters->height / TALL, x = letters->x;

    for (; *text; text++) {
        const struct fl_glyph *glyph = fl_glyph_find(*text);
        if (glyph)
            draw_glyph(paper, letters, x, glyph);
        x += ((glyph ? glyph->width : BLANK) + GAP) * unit;
    }
}

double fl_letters_width(double height, const char *text)
{
    double unit = height / TALL, x = 0;

    for (; *text; text++) {
        const struct fl_glyph *glyph = fl_glyph_find(*text);
        x += ((glyph ? glyph->width : BLANK) + GAP) * unit;
    }
    return x > 0 ? x - GAP * unit : 0;
}
