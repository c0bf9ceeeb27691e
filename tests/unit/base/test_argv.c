#include "server/base/argv.h"

#include "test.h"

#include <getopt.h>

enum { FORCE = 1, NAME = 2, OUTPUT = 'o' };

static const struct option names[] = {
    {"force", no_argument, NULL, FORCE},
    {"name", required_argument, NULL, NAME},
    {"output", required_argument, NULL, OUTPUT},
    {0},
};

// What was taken, as one line: "force= name=x ".
static enum fl_err note(void *user, int id, const char *value, struct fl_error *error)
{
    char *line = user;
    size_t len = strlen(line);
    const char *name = id == FORCE ? "force" : id == NAME ? "name" : "output";

    snprintf(line + len, 80 - len, "%s=%s ", name, value);
    return strcmp(value, "bad") == 0 ? fl_fail(error, FL_ERR_RANGE, "Not this.") : FL_OK;
}

static enum fl_err read_line(const char *const *words, char line[80], int *rest,
                             struct fl_error *error)
{
    const struct fl_argv self = {"prog", names, "o:", note, line};
    char copies[8][32] = {"prog"}, *argv[9] = {copies[0]};
    int argc = 1;

    for (; words[argc - 1]; argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", words[argc - 1]);
        argv[argc] = copies[argc];
    }
    line[0] = '\0';
    optind = 0; // getopt starts anew
    return fl_argv_read(&self, argc, argv, rest, error);
}

static void test_options_are_taken_in_order_and_the_rest_is_left(void)
{
    static const char *const words[] = {"a", "--name", "x", "-oy", "b", "--force", NULL};
    char line[80];
    int rest = 0;

    EXPECT_INT(read_line(words, line, &rest, NULL), FL_OK);
    EXPECT(strcmp(line, "name=x output=y force= ") == 0);
    EXPECT_INT(rest, 5); // "a" and "b" were moved behind the options
}

static void test_a_value_that_is_refused_ends_the_reading(void)
{
    static const char *const words[] = {"--name", "bad", "--force", NULL};
    struct fl_error error = {0};
    char line[80];
    int rest = 0;

    EXPECT_INT(read_line(words, line, &rest, &error), FL_ERR_RANGE);
    EXPECT(strcmp(line, "name=bad ") == 0);
    EXPECT(strcmp(error.text, "Not this.") == 0);
}

static void test_what_is_no_option_is_named(void)
{
    static const struct {
        const char *words[3], *named;
    } table[] = {
        {{"--frob"}, "\"--frob\""},
        {{"--name"}, "\"--name\""},
        {{"a", "-x"}, "\"-x\""},
        {{"a", "-xy"}, "\"-x\""},
        {{"-o"}, "\"-o\""},
        {{"--output"}, "\"--output\""},
        {{"--force=1"}, "\"--force=1\""},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct fl_error error = {0};
        char line[80];
        int rest = 0;

        EXPECT_INT(read_line(table[i].words, line, &rest, &error), FL_ERR_RANGE);
        EXPECT(strncmp(error.text, table[i].named, strlen(table[i].named)) == 0);
        EXPECT(strstr(error.text, "no option of prog"));
    }
}

static void test_a_word_is_found_as_a_whole(void)
{
    static const char *const words[] = {"auto", "gl", "c", NULL};

    EXPECT_INT(fl_argv_word("auto", words), 0);
    EXPECT_INT(fl_argv_word("c", words), 2);
    EXPECT_INT(fl_argv_word("g", words), -1);
    EXPECT_INT(fl_argv_word("", words), -1);
}

int main(void)
{
    RUN(test_options_are_taken_in_order_and_the_rest_is_left);
    RUN(test_a_value_that_is_refused_ends_the_reading);
    RUN(test_what_is_no_option_is_named);
    RUN(test_a_word_is_found_as_a_whole);
    return 0;
}
