// farlook-features PICTURE -o map.npy: the filter-bank map of a picture as a NumPy file.

#include "server/base/log.h"
#include "server/data/filter_bank.h"
#include "server/data/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, HEADER = 128 };

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

// NumPy's format 1: magic, version, the header's length, a Python literal padded so that the
// values begin at a multiple of 64.
static void make_header(const struct fl_map_source *source, char header[HEADER])
{
    memset(header, ' ', HEADER);
    memcpy(header, "\x93NUMPY\x01", 8);
    header[8] = HEADER - 10;
    header[9] = 0;
    int len = snprintf(header + 10, HEADER - 10,
                       "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }",
                       source->h, source->w, source->d);
    header[10 + len] = ' '; // where snprintf put its end
    header[HEADER - 1] = '\n';
}

static bool write_values(FILE *file, const struct fl_map_source *source, const float *values)
{
    size_t n = (size_t)source->w * (size_t)source->h * (size_t)source->d;
    char header[HEADER];

    make_header(source, header);
    if (fwrite(header, HEADER, 1, file) != 1)
        return false;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return fwrite(values, sizeof *values, n, file) == n;
#else
#error "write the values byte by byte on this machine"
#endif
}

static mode_t new_file_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

// By way of a file beside it, so that nobody ever sees half a map.
static enum fl_err write_map(const char *path, const struct fl_map_source *source,
                             const float *values, struct fl_error *error)
{
    char *temporary = fl_text_format("%s.XXXXXX", path);
    enum fl_err err = FL_OK;
    int fd = mkstemp(temporary);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");

    if (!file) {
        err = fl_fail(error, FL_ERR_IO, "%s cannot be written: %s.", path, fl_errno_str());
        if (fd >= 0)
            close(fd);
    } else {
        bool ok = write_values(file, source, values);
        ok = fclose(file) == 0 && ok;
        // mkstemp makes it private; a map is as readable as any new file.
        if (!ok || chmod(temporary, new_file_mode()) != 0 || rename(temporary, path) != 0)
            err = fl_fail(error, FL_ERR_IO, "%s cannot be written: %s.", path, fl_errno_str());
    }
    if (err && fd >= 0)
        unlink(temporary);
    free(temporary);
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
