#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(struct arguments *arguments, int nth, const char *text)
{
    int32_t *numbers[] = {&arguments->w, &arguments->h, &arguments->d, &arguments->repetitions};
    long value = strtol(text, NULL, 10);

    if (nth >= 4 || value < 1 || value > 1000000)
        return false;
    *numbers[nth] = (int32_t)value;
    return true;
}

static bool read_all(struct arguments *arguments, int argc, char **argv)
{
    int n = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--gpu") == 0 && i + 1 < argc)
            arguments->which = argv[++i];
        else if (strcmp(argv[i], "--rows") == 0)
            arguments->rows = true;
        else if (arguments->directory && !*arguments->directory)
            arguments->directory = argv[i];
        else if (!read_number(arguments, n++, argv[i]))
            return false;
    }
    return !(arguments->directory && !*arguments->directory) &&
           arguments->repetitions <= arguments->most_repetitions;
}

bool arguments_read(struct arguments *arguments, int argc, char **argv)
{
    if (read_all(arguments, argc, argv))
        return true;
    fprintf(stderr, "usage: %s [--gpu WHICH] [--rows] %s[W H D [REPETITIONS, at most %d]]\n",
            argv[0], arguments->directory ? "DIRECTORY " : "", arguments->most_repetitions);
    return false;
}
