#pragma once

#include "proto/err.h"

struct option; // of getopt.h

// The command line of one program. Borrowed for the call; main thread, before any other starts.
struct fl_argv {
    const char *program; // begins the sentences' "no option of ..."
    // Ends with a row of zeros. The values are ids: below 32 for an option that has no letter.
    const struct option *names;
    const char *letters; // as getopt's; "": none
    // An option was met; its value is "" where it takes none.
    enum fl_err (*take)(void *user, int id, const char *value, struct fl_error *error);
    void *user;
};

// Takes every option, up to the first that `take` or we refuse. What is left of argv begins at *rest.
// FL_ERR_RANGE: an option nobody knows, or one that lacks its value.
enum fl_err fl_argv_read(const struct fl_argv *self, int argc, char **argv, int *rest,
                         struct fl_error *error) FL_CHECKED;

// Where `text` stands in `words`, which end with NULL; -1: nowhere.
int fl_argv_word(const char *text, const char *const *words);
