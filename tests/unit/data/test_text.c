#include "server/data/text.h"

#include "../test.h"

static void test_names_sort_as_people_count(void)
{
    static const char *const sorted[] = {
        "",      "01",     "1", "a",     "a1",    "a2",     "a2.npy", "a10",
        "a10b2", "a10b11", "b", "conv3", "conv4", "z00009", "z10",    "z99999999999999999999999",
        "é"};
    const char *names[sizeof sorted / sizeof *sorted];
    size_t n = sizeof sorted / sizeof *sorted;

    for (size_t i = 0; i < n; i++)
        names[i] = sorted[(i * 7 + 3) % n];
    qsort(names, n, sizeof *names, fl_text_natural_order);
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], sorted[i]) != 0) {
            fprintf(stderr, "%zu is %s, not %s\n", i, names[i], sorted[i]);
            exit(1);
        }
}

static void test_sizes_are_said_for_people(void)
{
    char text[FL_TEXT_SIZE];

    EXPECT(strcmp(fl_text_size(text, 0), "0 bytes") == 0);
    EXPECT(strcmp(fl_text_size(text, 1), "1 byte") == 0);
    EXPECT(strcmp(fl_text_size(text, 1536), "1.5 KiB") == 0);
    EXPECT(strcmp(fl_text_size(text, 3ull << 30), "3.0 GiB") == 0);
    EXPECT(strcmp(fl_text_size(text, UINT64_MAX), "16.0 EiB") == 0);
}

static void test_extensions_are_those_of_the_base_name(void)
{
    static const char *const known[] = {"npy", "jpg", NULL};

    EXPECT(fl_text_has_extension("a.npy", known) && fl_text_has_extension("d.x/a.b.JPG", known));
    EXPECT(!fl_text_has_extension("npy", known) && !fl_text_has_extension("a.npy/b", known));
    EXPECT(!fl_text_has_extension("a.npyx", known) && !fl_text_has_extension("", known));
    EXPECT(strcmp(fl_text_base("a/b"), "b") == 0 && strcmp(fl_text_base("b"), "b") == 0);
}

int main(void)
{
    RUN(test_names_sort_as_people_count);
    RUN(test_sizes_are_said_for_people);
    RUN(test_extensions_are_those_of_the_base_name);
    return 0;
}
