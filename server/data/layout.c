#define LOG_MODULE "layout"
#include "layout.h"

#include "server/base/log.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

bool fl_layout_parse(const char *text, enum fl_layout *out)
{
    static const struct {
        const char *name;
        enum fl_layout layout;
    } names[] = {
        {"HWC", FL_LAYOUT_HWC},   {"CHW", FL_LAYOUT_CHW},   {"1CHW", FL_LAYOUT_NCHW},
        {"NCHW", FL_LAYOUT_NCHW}, {"1HWC", FL_LAYOUT_NHWC}, {"NHWC", FL_LAYOUT_NHWC},
        {"NLC", FL_LAYOUT_NLC},   {"1LC", FL_LAYOUT_NLC},   {"LC", FL_LAYOUT_NLC},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(text, names[i].name) == 0) {
            *out = names[i].layout;
            return true;
        }
    return false;
}

char *fl_layout_shape_text(char *out, size_t size, const uint64_t *dims, unsigned n_dims)
{
    size_t at = (size_t)snprintf(out, size, "(");

    for (unsigned i = 0; i < n_dims && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%llu", i ? ", " : "",
                               (unsigned long long)dims[i]);
    if (at < size)
        snprintf(out + at, size - at, n_dims == 1 ? ",)" : ")");
    return out;
}

// With sides off by one at most, could w x h cells have the picture's aspect?
static bool is_plausible(double w, double h, const double size[2])
{
    double aspect = size[0] / size[1];
    double most = h > 1 ? (w + 1) / (h - 1) : (double)INFINITY;

    return aspect >= (w - 1) / (h + 1) && aspect <= most;
}

static enum fl_err refuse_axes(const char *what, const uint64_t *dims, unsigned n_dims,
                               struct fl_error *error)
{
    char shape[128];

    fl_layout_shape_text(shape, sizeof shape, dims, n_dims);
    if (n_dims == 4)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s has the shape %s, which is %llu maps in one array; save each by itself, "
                       "as a[0], a[1] and so on.",
                       what, shape, (unsigned long long)dims[0]);
    return fl_fail(error, FL_ERR_UNSUPPORTED,
                   "%s has the shape %s, which is not that of a feature map; save it as (H, W, C), "
                   "(C, H, W), (1, H, W, C) or (1, C, H, W), a single channel with C = 1; tokens, "
                   "(1, L, C) or (L, C), need layout NLC and their grid in scene.json.",
                   what, shape);
}

struct readings { // both, for a sentence
    char hwc[96], chw[96];
};

static void say_reading(char *out, size_t size, const uint64_t whd[3], const char *order)
{
    snprintf(out, size, "%llu x %llu with %llu channel%s (%s)", (unsigned long long)whd[0],
             (unsigned long long)whd[1], (unsigned long long)whd[2], whd[2] == 1 ? "" : "s", order);
}

static void say_readings(const uint64_t dims[3], struct readings *out)
{
    say_reading(out->hwc, sizeof out->hwc, (uint64_t[]){dims[1], dims[0], dims[2]}, "HWC");
    say_reading(out->chw, sizeof out->chw, (uint64_t[]){dims[2], dims[1], dims[0]}, "CHW");
}

static enum fl_err decide_by_size(const char *what, const uint64_t dims[3], const double size[2],
                                  bool *chw, struct fl_error *error)
{
    double a = (double)dims[0], b = (double)dims[1], c = (double)dims[2];
    bool hwc_fits = is_plausible(b, a, size), chw_fits = is_plausible(c, b, size);
    struct readings text;

    if (hwc_fits != chw_fits) {
        *chw = chw_fits;
        return FL_OK;
    }
    say_readings(dims, &text);
    return fl_fail(error, FL_ERR_TIE,
                   "%s is %s or %s, and %s has the shape of the picture, %g x %g; say which with "
                   "--layout HWC or --layout CHW, or with \"layout\" in scene.json.",
                   what, text.hwc, text.chw, hwc_fits ? "either" : "neither", size[0], size[1]);
}

// One of the two orders; the leading 1 is already gone.
static enum fl_err decide_order(const char *what, const uint64_t dims[3],
                                const struct fl_layout_hint *hint, bool *chw,
                                struct fl_error *error)
{
    struct readings text;

    *chw = hint->layout == FL_LAYOUT_CHW || hint->layout == FL_LAYOUT_NCHW;
    if (hint->layout != FL_LAYOUT_AUTO)
        return FL_OK;
    if (hint->size[0] > 0)
        return decide_by_size(what, dims, hint->size, chw, error);
    say_readings(dims, &text);
    log_info("%s is read as %s; if it is %s, say --layout CHW", what, text.hwc, text.chw);
    return FL_OK;
}

static enum fl_err refuse_tokens(const char *what, const uint64_t *dims, unsigned n_dims,
                                 struct fl_error *error)
{
    char shape[128];

    fl_layout_shape_text(shape, sizeof shape, dims, n_dims);
    if (n_dims == 3)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s has the shape %s, which is the tokens of %llu pictures; save each by "
                       "itself, as a[0], a[1] and so on.",
                       what, shape, (unsigned long long)dims[0]);
    return fl_fail(error, FL_ERR_UNSUPPORTED,
                   "%s has the shape %s, which is not that of tokens, (1, L, C) or (L, C); say "
                   "another layout than NLC.",
                   what, shape);
}

// Tokens are what the grid says they are: nothing about their number is guessed.
static enum fl_err decide_tokens(const char *what, const uint64_t *dims, unsigned n_dims,
                                 const struct fl_layout_hint *hint, struct fl_layout_axes *out,
                                 struct fl_error *error)
{
    unsigned first = n_dims == 3 && dims[0] == 1 ? 1 : 0;
    uint64_t need = 0;

    if (n_dims - first != 2)
        return refuse_tokens(what, dims, n_dims, error);
    if (hint->grid[0] == 0 || hint->grid[1] == 0)
        return fl_fail(error, FL_ERR_TIE,
                       "%s is %llu tokens, and which picture they are is not said; add their rows "
                       "and columns as \"grid\": [H, W] in scene.json, or as grid=HxW.",
                       what, (unsigned long long)dims[first]);
    if (__builtin_mul_overflow(hint->grid[0], hint->grid[1], &need) ||
        __builtin_add_overflow(need, hint->skip, &need) || need != dims[first])
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is %llu tokens, and a grid of %llu x %llu behind %llu skipped ones is "
                       "another number; correct grid (rows, columns) or skip.",
                       what, (unsigned long long)dims[first], (unsigned long long)hint->grid[0],
                       (unsigned long long)hint->grid[1], (unsigned long long)hint->skip);
    *out = (struct fl_layout_axes){.y = first,
                                   .x = first,
                                   .c = first + 1,
                                   .grid = {hint->grid[0], hint->grid[1]},
                                   .skip = hint->skip};
    return FL_OK;
}

bool fl_layout_may_be(unsigned n_dims, const struct fl_layout_hint *hint)
{
    if (hint->layout == FL_LAYOUT_NLC)
        return n_dims == 2 || n_dims == 3;
    return n_dims == 3 || n_dims == 4;
}

enum fl_err fl_layout_decide(const char *what, const uint64_t *dims, unsigned n_dims,
                             const struct fl_layout_hint *hint, struct fl_layout_axes *out,
                             struct fl_error *error)
{
    unsigned first = n_dims == 4 && dims[0] == 1 ? 1 : 0;
    char shape[128];
    bool chw = false;

    *out = (struct fl_layout_axes){0};
    for (unsigned i = 0; i < n_dims; i++)
        if (dims[i] == 0)
            return fl_fail(error, FL_ERR_FORMAT,
                           "%s has the shape %s and so holds no value; save the array again.", what,
                           fl_layout_shape_text(shape, sizeof shape, dims, n_dims));
    if (hint->layout == FL_LAYOUT_NLC)
        return decide_tokens(what, dims, n_dims, hint, out, error);
    if (n_dims - first != 3)
        return refuse_axes(what, dims, n_dims, error);
    enum fl_err err = decide_order(what, dims + first, hint, &chw, error);
    if (err)
        return err;
    *out = chw ? (struct fl_layout_axes){.c = first, .y = first + 1, .x = first + 2}
               : (struct fl_layout_axes){.y = first, .x = first + 1, .c = first + 2};
    return FL_OK;
}
