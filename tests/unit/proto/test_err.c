// Sentences that are too long keep their beginning and their end.
#include "test.h"

#include "proto/err.h"
#include "proto/utf8.h"

#include <string.h>

static void test_a_sentence_is_told_whole(void)
{
    struct fl_error error;

    EXPECT_INT(fl_fail(&error, FL_ERR_IO, "%s is not there; check the path.", "a"), FL_ERR_IO);
    EXPECT_INT(error.code, FL_ERR_IO);
    EXPECT(strcmp(error.text, "a is not there; check the path.") == 0);
    EXPECT_INT(fl_fail(NULL, FL_ERR_IO, "nobody asks"), FL_ERR_IO);
}

static void check_long(const char *name)
{
    struct fl_error error;

    fl_fail(&error, FL_ERR_FORMAT, "Here is %s; rename it.", name);
    size_t len = strlen(error.text);
    EXPECT(len < sizeof error.text);
    EXPECT(strncmp(error.text, "Here is ", 8) == 0);
    EXPECT(strcmp(error.text + len - 12, "; rename it.") == 0);
    EXPECT((strlen(name) + 20 < sizeof error.text) == !strstr(error.text, " ... "));
    EXPECT(fl_utf8_is_text((const uint8_t *)error.text, len));
}

static void test_what_to_do_is_not_cut_off(void)
{
    static const char *const letters[] = {"x", "\u00e4", "\u6f22", "\U0001f600"};
    char name[4096];

    for (size_t k = 0; k < sizeof letters / sizeof *letters; k++) {
        size_t size = strlen(letters[k]);
        for (size_t most = 400; most < sizeof name - 40; most += 97) {
            size_t n = 0;
            for (; n + size < most; n += size)
                memcpy(name + n, letters[k], size);
            name[n] = '\0';
            check_long(name);
        }
    }
}

static void test_a_sentence_may_hold_an_older_one(void)
{
    struct fl_error error;

    fl_fail(&error, FL_ERR_IO, "the disk is full");
    fl_fail(&error, FL_ERR_IO, "It was not stored: %s.", error.text);
    EXPECT(strcmp(error.text, "It was not stored: the disk is full.") == 0);
}

int main(void)
{
    RUN(test_a_sentence_is_told_whole);
    RUN(test_what_to_do_is_not_cut_off);
    RUN(test_a_sentence_may_hold_an_older_one);
    return 0;
}
