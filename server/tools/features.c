// farlook-features PICTURE -o map.npy: the filter-bank map of a picture as a NumPy file.

#include "server/base/argv.h"
#include "server/data/filter_bank.h"
#include "server/data/new_file.h"
#include "server/data/npy_write.h"
#include "server/data/text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

struct options {
    const char *picture, *output;
    bool force, help, version;
};

static const char usage[] =
    "usage: farlook-features PICTURE -o MAP.npy\n"
    "\n"
    "Computes the filter-bank map of a JPEG or PNG picture: 128 channels of colour and\n"
    "texture for every 4 x 4 pixels, written as little-endian float32 of shape (H, W, 128).\n"
    "It needs no network: a first map to look at, and something to compare a network's with.\n"
    "\n"
    "  -o, --output MAP.npy  what to write\n"
    "  --force               replace the file if it is there already\n"
    "  --help, --version\n";

enum option_id { OPT_FORCE, OPT_HELP, OPT_VERSION, OPT_OUTPUT = 'o' };

static const struct option names[] = {
    {"output", required_argument, NULL, OPT_OUTPUT},
    {"force", no_argument, NULL, OPT_FORCE},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {0},
};

static enum fl_err take(void *user, int id, const char *value, struct fl_error *error)
{
    struct options *out = user;

    (void)error; // nothing is refused
    switch ((enum option_id)id) {
    case OPT_OUTPUT:
        out->output = value;
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

static enum fl_err take_picture(char **files, int n, struct options *out, struct fl_error *error)
{
    static const char *const array[] = {"npy", NULL};

    if (n != 1 || !out->output)
        return fl_fail(error, FL_ERR_RANGE,
                       "Give one picture and, behind -o, the file to write: PICTURE -o MAP.npy; "
                       "--help says more.");
    if (!fl_text_has_extension(out->output, array))
        return fl_fail(error, FL_ERR_RANGE,
                       "%s would be written as a NumPy array; give it a name that ends in .npy.",
                       out->output);
    out->picture = files[0];
    return FL_OK;
}

static enum fl_err parse_options(int argc, char **argv, struct options *out, struct fl_error *error)
{
    const struct fl_argv line = {"farlook-features", names, "o:", take, out};
    int rest = argc;

    *out = (struct options){0};
    enum fl_err err = fl_argv_read(&line, argc, argv, &rest, error);
    if (err || out->help || out->version)
        return err;
    return take_picture(argv + rest, argc - rest, out, error);
}

static void show_progress(void *user, const char *what, unsigned percent)
{
    const bool *seen = user; // a person looks on

    if (!*seen)
        return;
    fprintf(stderr, "\r%s: %3u %%", what, percent);
    if (percent == 100)
        fputc('\n', stderr);
}

static enum fl_err compute(const char *path, struct fl_map_source *source, float **values,
                           struct fl_error *error)
{
    struct fl_picture *picture = NULL;
    bool seen = isatty(STDERR_FILENO);
    enum fl_err err = fl_picture_open(path, &picture, error);

    if (!err)
        err = fl_filter_bank_source(picture, source, show_progress, &seen, error);
    if (!err)
        err = source->decode(source->user, values, NULL, error);
    fl_picture_unref(picture);
    return err;
}

static enum fl_err write_map(const struct options *options, const struct fl_map_source *source,
                             const float *values, struct fl_error *error)
{
    const int32_t shape[3] = {source->h, source->w, source->d};

    return fl_npy_save(options->output, options->force, shape, values, error);
}

int main(int argc, char **argv)
{
    struct options options;
    struct fl_map_source source = {0};
    struct fl_error error = {0};
    float *values = NULL;

    if (parse_options(argc, argv, &options, &error)) {
        fprintf(stderr, "farlook-features: %s\n", error.text);
        return EXIT_USAGE;
    }
    if (options.help || options.version) {
        fputs(options.help ? usage : "farlook-features " FARLOOK_VERSION "\n", stdout);
        return 0;
    }
    enum fl_err err = fl_new_file_check(options.output, options.force, &error);
    if (!err)
        err = compute(options.picture, &source, &values, &error);
    if (!err)
        err = write_map(&options, &source, values, &error);
    if (err)
        fprintf(stderr, "farlook-features: %s\n", error.text);
    else
        printf("%s: float32 of shape (%d, %d, %d)\n", options.output, source.h, source.w, source.d);
    free(values);
    fl_map_source_finish(&source);
    return err ? 1 : 0;
}
