#include "argv.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>

// What getopt_long stumbled over: `last` is the argument it took last.
static enum fl_err refuse(const struct fl_argv *self, const char *last, struct fl_error *error)
{
    const char letter[] = {'-', (char)optopt, '\0'}; // one of several behind one dash
    bool strange = optopt >= ' ' && !strchr(self->letters, optopt);

    return fl_fail(error, FL_ERR_RANGE,
                   "\"%s\" is no option of %s or lacks its value; --help lists them.",
                   strange ? letter : last, self->program);
}

enum fl_err fl_argv_read(const struct fl_argv *self, int argc, char **argv, int *rest,
                         struct fl_error *error)
{
    enum fl_err err = FL_OK;

    opterr = 0; // we say it ourselves, in one sentence
    while (!err) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
        int id = getopt_long(argc, argv, self->letters, self->names, NULL);
        if (id == -1)
            break;
        err = id == '?' ? refuse(self, argv[optind - 1], error)
                        : self->take(self->user, id, optarg ? optarg : "", error);
    }
    *rest = optind;
    return err;
}

int fl_argv_word(const char *text, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}
