#include "colorbar.h"

#include "lettering.h"
#include "proto/colormap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_HEIGHT = 180, LINES = 3, MOST_TICKS = 8, LABELS = MOST_TICKS + 2, TEXT = 40 };

static const uint8_t INK[3] = {32, 32, 32};

// Everything in pixels; `unit` is the height of a digit.
struct plan {
    double unit;
    int32_t w, h; // of the whole picture
    int32_t left; // where the bar's part begins
    int32_t bar[4];
    char lines[LINES][TEXT]; // above the bar; "" for none
    struct {
        char text[TEXT];
        double value;
    } labels[LABELS];
    int n_labels;
    bool falls; // the smallest value is on top
};

static double step_of(double a, double b)
{
    double rough = fabs(b - a) / 4, power = pow(10, floor(log10(rough)));
    static const double round[] = {1, 2, 2.5, 5, 10};

    for (size_t i = 0; i < sizeof round / sizeof *round; i++)
        if (round[i] * power >= rough * 0.999)
            return round[i] * power;
    return 10 * power;
}

int fl_colorbar_ticks(double a, double b, double *out, int most)
{
    double low = fmin(a, b), high = fmax(a, b);
    int n = 0;

    if (!(high > low) || !isfinite(high - low))
        return 0;
    double step = step_of(a, b), first = ceil(low / step);
    for (int i = 0; i <= most && n < most;
         i++) { // not while below high: far from 0, k + 1 may be k
        double value = (first + i) * step;
        if (value > low + step / 100 && value < high - step / 100)
            out[n++] = value;
    }
    return n;
}

// As many digits as tell a tenth of a step apart.
static void write_number(char out[TEXT], double value, double step)
{
    double size = fmax(fabs(value), step);
    double digits = step > 0 ? fmax(0, ceil(-log10(step) - 1e-9) + 1) : 3;

    if (size >= 1e6 || digits > 9)
        snprintf(out, TEXT, "%.4g", value);
    else
        snprintf(out, TEXT, "%.*f", (int)digits, value);
    if (strspn(out, "-0.") == strlen(out) && out[0] == '-') // no minus before nothing
        memmove(out, out + 1, strlen(out));
}

static void add_label(struct plan *plan, double value, double step)
{
    plan->labels[plan->n_labels].value = value;
    write_number(plan->labels[plan->n_labels].text, value, step);
    plan->n_labels++;
}

static void write_lines(const struct fl_render *render, char lines[LINES][TEXT])
{
    const struct fl_stretch *stretch = &render->stretch;

    if (render->mode == FL_MODE_CHANNEL)
        snprintf(lines[0], TEXT, "channel %u", render->channel);
    else if (render->mode == FL_MODE_NORM)
        snprintf(lines[0], TEXT, "norm");
    else
        snprintf(lines[0], TEXT, "%s%s", fl_metric_names[render->metric],
                 render->metric == FL_METRIC_ANGLE ? ", degrees" : "");
    if (stretch->kind == FL_STRETCH_PERCENTILE)
        snprintf(lines[1], TEXT, "percentile %g, %g", stretch->a, stretch->b);
    else
        snprintf(lines[1], TEXT, "%s", fl_stretch_names[stretch->kind]);
    if (render->mode == FL_MODE_SIMILARITY && render->origin == FL_ORIGIN_MIN)
        snprintf(lines[2], TEXT, "origin min");
}

// lo, hi, and the round values between them.
static void write_labels(const struct fl_frame *frame, struct plan *plan)
{
    double ticks[MOST_TICKS], step = frame->hi > frame->lo ? step_of(frame->lo, frame->hi) : 0;

    if (!isfinite(frame->lo) || !isfinite(frame->hi)) {
        snprintf(plan->lines[2], TEXT, "no data");
        return;
    }
    add_label(plan, frame->lo, step / 10);
    if (frame->hi > frame->lo)
        add_label(plan, frame->hi, step / 10);
    int n = fl_colorbar_ticks(frame->lo, frame->hi, ticks, MOST_TICKS);
    for (int i = 0; i < n; i++)
        add_label(plan, ticks[i], step);
}

static void make_plan(const struct fl_frame *frame, struct plan *plan)
{
    double widest = 0, unit = 0;
    int lines = 0;

    *plan = (struct plan){.h = frame->h < LEAST_HEIGHT ? LEAST_HEIGHT : frame->h, .left = frame->w};
    unit = plan->unit = fmin(48, fmax(10, plan->h / 45.0));
    plan->falls = fl_render_is_distance(&frame->render);
    write_lines(&frame->render, plan->lines);
    write_labels(frame, plan);
    for (int i = 0; i < plan->n_labels; i++)
        widest = fmax(widest, fl_letters_width(unit, plan->labels[i].text));
    widest += 2.6 * unit; // the bar, the mark, and what is between
    for (int i = 0; i < LINES && plan->lines[i][0]; i++, lines++)
        widest = fmax(widest, fl_letters_width(unit, plan->lines[i]));
    plan->w = frame->w + (int32_t)ceil(widest + 3 * unit);
    plan->bar[0] = frame->w + (int32_t)lround(1.5 * unit);
    plan->bar[1] = (int32_t)lround((1.8 + 1.8 * lines) * unit);
    plan->bar[2] = plan->bar[0] + (int32_t)lround(1.6 * unit);
    plan->bar[3] = plan->h - (int32_t)lround(1.5 * unit);
}

static uint8_t *at(const struct fl_paper *paper, int32_t x, int32_t y)
{
    return paper->rgb + ((size_t)y * (size_t)paper->w + (size_t)x) * 3;
}

// The colour of each row is that of its middle, as in the picture.
static void draw_bar(const struct fl_paper *paper, const struct plan *plan,
                     const struct fl_frame *frame)
{
    const uint8_t *colours = fl_colormap_rgb(frame->render.colormap);
    const int32_t *bar = plan->bar;
    bool one = !(frame->hi > frame->lo); // a stretch of nothing shows 0.5

    for (int32_t y = bar[1]; y < bar[3]; y++) {
        double t = one ? 0.5 : 1 - (y - bar[1] + 0.5) / (bar[3] - bar[1]);
        size_t level = (size_t)floor(255 * t + 0.5);
        for (int32_t x = bar[0]; x < bar[2]; x++)
            memcpy(at(paper, x, y), colours + (frame->render.reversed ? 255 - level : level) * 3,
                   3);
    }
    for (int32_t x = bar[0] - 1; x <= bar[2]; x++) {
        memcpy(at(paper, x, bar[1] - 1), INK, 3);
        memcpy(at(paper, x, bar[3]), INK, 3);
    }
    for (int32_t y = bar[1]; y < bar[3]; y++) {
        memcpy(at(paper, bar[0] - 1, y), INK, 3);
        memcpy(at(paper, bar[2], y), INK, 3);
    }
}

static double place_of(const struct plan *plan, const struct fl_frame *frame, double value)
{
    double share = frame->hi > frame->lo ? (value - frame->lo) / (frame->hi - frame->lo) : 0.5;
    double height = plan->bar[3] - plan->bar[1];

    return plan->falls ? plan->bar[1] + share * height : plan->bar[3] - share * height;
}

// lo and hi first; a round value whose number would touch one of theirs is left out.
static void draw_labels(const struct fl_paper *paper, const struct plan *plan,
                        const struct fl_frame *frame)
{
    struct fl_letters letters = {.x = plan->bar[2] + plan->unit, .height = plan->unit};
    int ends = frame->hi > frame->lo ? 2 : 1;

    memcpy(letters.ink, INK, sizeof INK);
    for (int i = 0; i < plan->n_labels; i++) {
        double y = place_of(plan, frame, plan->labels[i].value);
        bool free = true;
        for (int k = 0; k < ends && i >= ends; k++)
            free =
                free && fabs(y - place_of(plan, frame, plan->labels[k].value)) > 1.5 * plan->unit;
        if (!free)
            continue;
        int32_t row = (int32_t)fmin(plan->bar[3], fmax(plan->bar[1] - 1, floor(y)));
        for (int32_t x = 0; x < plan->unit / 2; x++)
            memcpy(at(paper, plan->bar[2] + x, row), INK, 3);
        letters.y = y + plan->unit / 2;
        fl_letters_draw(paper, &letters, plan->labels[i].text);
    }
}

static void draw(const struct fl_paper *paper, const struct plan *plan,
                 const struct fl_frame *frame)
{
    struct fl_letters letters = {.x = plan->left + 1.5 * plan->unit, .height = plan->unit};

    memset(paper->rgb, 255, (size_t)paper->w * (size_t)paper->h * 3);
    for (int32_t y = 0; y < frame->h; y++)
        memcpy(at(paper, 0, y), frame->pixels + (size_t)y * (size_t)frame->w * 3,
               (size_t)frame->w * 3);
    memcpy(letters.ink, INK, sizeof INK);
    for (int i = 0; i < LINES; i++) {
        letters.y = (2.2 + 1.8 * i) * plan->unit;
        fl_letters_draw(paper, &letters, plan->lines[i]);
    }
    if (plan->n_labels == 0)
        return;
    draw_bar(paper, plan, frame);
    draw_labels(paper, plan, frame);
}

enum fl_err fl_colorbar_add(struct fl_frame *frame, struct fl_error *error)
{
    struct plan plan;

    make_plan(frame, &plan);
    struct fl_paper paper = {malloc((size_t)plan.w * (size_t)plan.h * 3), plan.w, plan.h};
    if (!paper.rgb)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is no memory for a picture of %d x %d with its colour bar; ask for "
                       "a smaller one.",
                       plan.w, plan.h);
    draw(&paper, &plan, frame);
    free(frame->pixels);
    frame->pixels = paper.rgb;
    frame->w = plan.w;
    frame->h = plan.h;
    memcpy(frame->bar, plan.bar, sizeof plan.bar);
    return FL_OK;
}
