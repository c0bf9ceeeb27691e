#include "server/net/percent.h"

#include "test.h"

enum { ROOM = 64, CANARY = 0x5a };

static void test_letters_stay_and_the_rest_is_encoded(void)
{
    char out[ROOM] = "";

    EXPECT(fl_percent_encode("a-Z_9 é/", strlen("a-Z_9 é/"), "-_", out, sizeof out));
    EXPECT(strcmp(out, "a-Z_9%20%C3%A9%2F") == 0);
    EXPECT(fl_percent_encode("", 0, "", out, 1));
    EXPECT(strcmp(out, "") == 0);
    EXPECT(!fl_percent_encode("a", 1, "", out, 1));
    EXPECT(!fl_percent_encode("", 0, "", out, 0));
}

static void test_pairs_become_a_query(void)
{
    char out[ROOM] = "";

    EXPECT(fl_percent_add("ref=1.5,2", 9, out, sizeof out));
    EXPECT(fl_percent_add("alone", 5, out, sizeof out));
    EXPECT(fl_percent_add("a b=c=d&e", 9, out, sizeof out));
    EXPECT(fl_percent_add("none=", 5, out, sizeof out));
    EXPECT(strcmp(out, "ref=1.5,2&alone&a%20b=c%3Dd%26e&none=") == 0);
}

// Whatever fits or not, and wherever it ends: nothing is written behind the room there is.
static void test_nothing_is_written_behind_the_room(void)
{
    static const char *const pairs[] = {"aaaaaaaaaaaaaaa=", "aaaaaaaaaaaaa!=", "aaaaaaaaaaaaaa!",
                                        "=bbbbbbbbbbbbb",   "!!!!!!=!!!!!",    ""};
    size_t n = sizeof pairs / sizeof *pairs;

    for (size_t i = 0; i < n * n; i++)
        for (size_t size = 1; size < ROOM; size++) {
            char out[2 * ROOM];
            memset(out, CANARY, sizeof out);
            out[0] = '\0';
            bool fits = fl_percent_add(pairs[i / n], strlen(pairs[i / n]), out, size);
            fits = fits && fl_percent_add(pairs[i % n], strlen(pairs[i % n]), out, size);
            EXPECT(!fits || strlen(out) < size);
            for (size_t k = size; k < sizeof out; k++)
                EXPECT_INT(out[k], CANARY);
        }
}

int main(void)
{
    RUN(test_letters_stay_and_the_rest_is_encoded);
    RUN(test_pairs_become_a_query);
    RUN(test_nothing_is_written_behind_the_room);
    return 0;
}
