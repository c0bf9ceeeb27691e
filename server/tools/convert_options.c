#include "convert_options.h"

#include "server/base/argv.h"
#include "server/data/text.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void options_usage(FILE *to)
{
    fputs(
        "usage: farlook-convert [OPTION...] MAP.npy SET.zip\n"
        "       farlook-convert [OPTION...] SET.zip MAP.npy\n"
        "\n"
        "Converts a feature map between a NumPy array and an IFeaLiD data set, laid out as "
        "IFeaLiD's\n"
        "own.\n"
        "\n"
        "Into a data set:\n"
        "  --precision 8|16|32  bits of a value (default 8)\n"
        "  --overlay PICTURE    the input picture, JPEG or PNG; it is kept as a JPEG\n"
        "  --name NAME          what the viewer calls it (default: the array's file name)\n"
        "  --layout HWC|CHW     how the array lies, where its shape and the picture's leave it "
        "open\n"
        "\n"
        "Out of one:\n"
        "  --range MIN,MAX      scale the values back from 0..1 to this range\n"
        "\n"
        "Both:\n"
        "  --force              replace the file if it is there already\n"
        "  --help, --version\n"
        "\n"
        "A data set holds round((x - min) / (max - min) * (2^bits - 1)) of every value x, for the\n"
        "smallest and largest value of the whole map; it does not hold min and max. They are "
        "printed,\n"
        "so that --range can restore them. Arrays come out as float32 of shape (H, W, C). NaN and\n"
        "infinities cannot be converted; a map of equal values becomes zeros.\n"
        "\n"
        "IFeaLiD's viewer, as published in 2020, shows the last channels of 16 and 32 bit data "
        "sets\n"
        "as zeros, whoever wrote them, and does not open those of 32 bits whose number of "
        "channels\n"
        "is 2 more than a multiple of 4; Farlook reads all of them.\n"
        "\n"
        "The picture of a data set: unzip -p SET.zip overlay.jpg > picture.jpg\n",
        to);
}

// Numbers "a,b" and nothing else.
static enum fl_err set_range(const char *text, struct options *out, struct fl_error *error)
{
    char *comma = NULL, *end = NULL;
    double a = strtod(text, &comma), b = 0;

    if (comma != text && *comma == ',')
        b = strtod(comma + 1, &end);
    out->has_range =
        end && end != comma + 1 && *end == '\0' && isfinite(a) && isfinite(b) && a <= b;
    out->range[0] = a;
    out->range[1] = b;
    if (out->has_range)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE,
                   "--range takes two numbers MIN,MAX with MIN at most MAX, as in --range 0,25.9, "
                   "not \"%s\".",
                   text);
}

static enum fl_err set_precision(const char *text, struct options *out, struct fl_error *error)
{
    static const char *const widths[] = {"8", "16", "32", NULL};
    int chosen = fl_argv_word(text, widths);

    if (chosen < 0)
        return fl_fail(error, FL_ERR_RANGE, "--precision takes 8, 16 or 32, not \"%s\".", text);
    out->precision = 8 << chosen;
    return FL_OK;
}

static enum fl_err set_layout(const char *text, struct options *out, struct fl_error *error)
{
    if (fl_layout_parse(text, &out->layout) && out->layout != FL_LAYOUT_NLC)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "--layout takes HWC, CHW, 1HWC or 1CHW, not \"%s\".", text);
}

enum option_id {
    OPT_PRECISION = 1,
    OPT_OVERLAY,
    OPT_NAME,
    OPT_LAYOUT,
    OPT_RANGE,
    OPT_FORCE,
    OPT_HELP,
    OPT_VERSION
};

static const struct option names[] = {
    {"precision", required_argument, NULL, OPT_PRECISION},
    {"overlay", required_argument, NULL, OPT_OVERLAY},
    {"name", required_argument, NULL, OPT_NAME},
    {"layout", required_argument, NULL, OPT_LAYOUT},
    {"range", required_argument, NULL, OPT_RANGE},
    {"force", no_argument, NULL, OPT_FORCE},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {0},
};

static enum fl_err take(void *user, int id, const char *text, struct fl_error *error)
{
    struct options *out = user;

    switch ((enum option_id)id) {
    case OPT_PRECISION:
        return set_precision(text, out, error);
    case OPT_LAYOUT:
        return set_layout(text, out, error);
    case OPT_RANGE:
        return set_range(text, out, error);
    case OPT_OVERLAY:
        out->overlay = text;
        break;
    case OPT_NAME:
        out->name = text;
        break;
    case OPT_FORCE:
        out->force = true;
        break;
    case OPT_HELP:
        out->help = true;
        break;
    case OPT_VERSION:
        out->version = true;
        break;
    }
    return FL_OK;
}

// Whether each option says something in this direction.
static enum fl_err check_direction(const struct options *options, struct fl_error *error)
{
    const char *wrong = NULL;

    if (options->unpacks)
        wrong = options->precision ? "--precision"
                : options->overlay ? "--overlay"
                : options->name    ? "--name"
                : options->layout  ? "--layout"
                                   : NULL;
    else if (options->has_range)
        wrong = "--range";
    if (!wrong)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "%s says nothing when %s is the input; leave it out.",
                   wrong, options->unpacks ? "a data set" : "an array");
}

static enum fl_err check_paths(struct options *options, struct fl_error *error)
{
    static const char *const array[] = {"npy", NULL}, *const set[] = {"zip", NULL};

    options->unpacks = fl_text_has_extension(options->in, set);
    bool packs = fl_text_has_extension(options->in, array);
    if ((packs && fl_text_has_extension(options->out, set)) ||
        (options->unpacks && fl_text_has_extension(options->out, array)))
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE,
                   "%s cannot become %s: the one must end in .npy and the other in .zip; save "
                   "other arrays with numpy.save first.",
                   options->in, options->out);
}

static enum fl_err take_files(char **files, int n, struct options *out, struct fl_error *error)
{
    if (n != 2)
        return fl_fail(error, FL_ERR_RANGE,
                       "Give two files, the one to convert and the one to write: MAP.npy SET.zip, "
                       "or SET.zip MAP.npy; --help says more.");
    out->in = files[0];
    out->out = files[1];
    return check_paths(out, error);
}

enum fl_err options_parse(int argc, char **argv, struct options *out, struct fl_error *error)
{
    const struct fl_argv line = {"farlook-convert", names, "", take, out};
    int rest = argc;

    *out = (struct options){0};
    enum fl_err err = fl_argv_read(&line, argc, argv, &rest, error);
    if (err || out->help || out->version)
        return err;
    err = take_files(argv + rest, argc - rest, out, error);
    return err ? err : check_direction(out, error);
}
