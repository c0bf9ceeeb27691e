#include "server/data/draft.h"
#include "server/data/file.h"

#include "files.h"
#include "npy_files.h"

#include "server/base/log.h"

#include <limits.h>

// Every file that tests/data/make_hostile.py breaks is refused with its own sentence.

struct line { // of list.txt
    const char *path, *when, *says;
    int code;
};

static enum fl_err open_path(const char *path, struct fl_layers *out, struct fl_error *error)
{
    struct fl_spec spec = {0};
    char *file = NULL;
    enum fl_err err = FL_OK;

    *out = (struct fl_layers){0};
    if (fl_spec_is_in(path))
        err = fl_spec_split(path, &file, &spec, error);
    struct fl_layout_hint hint = fl_spec_hint(&spec, FL_LAYOUT_AUTO, (double[]){0, 0});
    if (!err)
        err = fl_file_open(file ? file : path, &spec, &hint, out, error);
    free(file);
    return err;
}

// A map is made of the first layer, and what happens then.
static enum fl_err load_first(struct fl_layers *layers, struct fl_error *error)
{
    struct fl_draft draft = {0};

    EXPECT_INT(layers->n, 1);
    enum fl_err err = fl_draft_add(&draft, layers->at[0].name ? layers->at[0].name : "x",
                                   &layers->at[0].source, NULL, error);
    if (!err)
        err = fl_map_load(draft.maps[0], FL_NORMS_ZERO, error);
    fl_draft_finish(&draft);
    return err;
}

static void check_line(const char *folder, const struct line *line)
{
    struct fl_layers layers;
    struct fl_error error = {0};
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", folder, line->path);
    enum fl_err err = open_path(path, &layers, &error);
    bool at_open = strcmp(line->when, "open") == 0;
    if (at_open == (err == FL_OK)) {
        fprintf(stderr, "%s: %d %s\n", line->path, err, error.text);
        exit(1);
    }
    if (!at_open)
        err = load_first(&layers, &error);
    const char *end = err ? strrchr(error.text, '.') : NULL;
    if ((int)err != line->code || error.code != err || !strstr(error.text, line->says) || !end ||
        end[1] != '\0') {
        fprintf(stderr, "%s: %d, expected %d with %s: %s\n", line->path, err, line->code,
                line->says, error.text);
        exit(1);
    }
    size_t name_len = strcspn(line->path, ":.");
    if (strcmp(line->when, "add") != 0 &&
        !memmem(error.text, strlen(error.text), line->path, name_len)) {
        fprintf(stderr, "%s is not named: %s\n", line->path, error.text);
        exit(1);
    }
    fl_layers_finish(&layers);
}

static void test_each_is_refused_with_its_sentence(void)
{
    const char *root = getenv("FARLOOK_SOURCE");
    struct folder folder = make_folder();
    char script[PATH_MAX], path[PATH_MAX], text[1024], *rest = NULL;
    int n = 0;

    snprintf(script, sizeof script, "%s/tests/data/make_hostile.py", root ? root : ".");
    EXPECT_INT(run_program((char *[]){(char[]){"/usr/bin/python3"}, script, folder.path, NULL}), 0);
    snprintf(path, sizeof path, "%s/list.txt", folder.path);
    FILE *list = fopen(path, "r");
    EXPECT(list);
    for (; fgets(text, sizeof text, list); n++) {
        struct line line = {.path = strtok_r(text, "\t", &rest)};
        line.when = strtok_r(NULL, "\t", &rest);
        line.code = (int)strtol(strtok_r(NULL, "\t", &rest), NULL, 10);
        line.says = strtok_r(NULL, "\t\n", &rest);
        check_line(folder.path, &line);
    }
    fclose(list);
    fprintf(stderr, "%d files\n", n);
    EXPECT(n > 150);
    remove_folder(&folder);
}

int main(void)
{
    fl_log_set_level(FL_LOG_ERROR);
    if (run_program((char *[]){(char[]){"/usr/bin/python3"}, (char[]){"-c"},
                               (char[]){"import numpy"}, NULL}) != 0) {
        fprintf(stderr, "SKIPPED: /usr/bin/python3 with NumPy is not there\n");
        return TEST_SKIPPED;
    }
    RUN(test_each_is_refused_with_its_sentence);
    return 0;
}
