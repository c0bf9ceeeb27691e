// farlook-features PICTURE -o map.npy: the filter-bank map of a picture as a NumPy file.

#include "server/data/filter_bank.h"
#include "server/data/new_file.h"
#include "server/data/npy_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

struct options {
    const char *picture, *output;
};

static void usage(FILE *to)
{
    fputs(
        "usage: farlook-features PICTURE -o MAP.npy\n"
        "\n"
        "Computes the filter-bank map of a JPEG or PNG picture: 128 channels of colour and\n"
        "texture for every 4 x 4 pixels, written as little-endian float32 of shape (H, W, 128).\n",
        to);
}

static bool parse_options(int argc, char **argv, struct options *out)
{
    *out = (struct options){0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-o") == 0 && i + 1 < argc && !out->output)
            out->output = argv[++i];
        else if (argv[i][0] != '-' && !out->picture)
            out->picture = argv[i];
        else
            return false;
    }
    return out->picture && out->output;
}

static void show_progress(void *user, const char *what, unsigned percent)
{
    (void)user;
    fprintf(stderr, "\r%s: %3u %%", what, percent);
    if (percent == 100)
        fputc('\n', stderr);
}

static enum fl_err compute(const char *path, struct fl_map_source *source, float **values,
                           struct fl_error *error)
{
    struct fl_picture *picture = NULL;
    enum fl_err err = fl_picture_open(path, &picture, error);

    if (!err)
        err = fl_filter_bank_source(picture, source, show_progress, NULL, error);
    if (!err)
        err = source->decode(source->user, values, error);
    fl_picture_unref(picture);
    return err;
}

static enum fl_err write_map(const char *path, const struct fl_map_source *source,
                             const float *values, struct fl_error *error)
{
    const int32_t shape[3] = {source->h, source->w, source->d};
    struct fl_new_file *file = NULL;
    enum fl_err err = fl_new_file_create(path, true, &file, error);

    if (err)
        return err;
    err = fl_npy_write(file, shape, values, error);
    if (!err)
        return fl_new_file_keep(file, error);
    fl_new_file_drop(file);
    return err;
}

int main(int argc, char **argv)
{
    struct options options;
    struct fl_map_source source = {0};
    struct fl_error error = {0};
    float *values = NULL;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        usage(stdout);
        return 0;
    }
    if (!parse_options(argc, argv, &options)) {
        usage(stderr);
        return EXIT_USAGE;
    }
    enum fl_err err = compute(options.picture, &source, &values, &error);
    if (!err)
        err = write_map(options.output, &source, values, &error);
    if (err)
        fprintf(stderr, "farlook-features: %s\n", error.text);
    free(values);
    fl_map_source_finish(&source);
    return err ? 1 : 0;
}
