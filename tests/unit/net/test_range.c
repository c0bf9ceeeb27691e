// Which bytes a request says that it brings.
#include "server/net/range.h"
#include "test.h"

#include <string.h>

static enum fl_err parse(const char *text, uint64_t len, struct fl_piece *out)
{
    struct fl_error error = {0};
    enum fl_err err = fl_range_parse(text, len, out, &error);

    EXPECT_INT(error.code, err);
    EXPECT((error.text[0] != '\0') == (err != FL_OK));
    return err;
}

static void test_without_a_range_it_is_all(void)
{
    struct fl_piece piece;

    EXPECT_INT(parse(NULL, 123, &piece), FL_OK);
    EXPECT(piece.whole && piece.first == 0 && piece.last == 123 && piece.total == 123);
    EXPECT_INT(parse(NULL, UINT64_MAX, &piece), FL_OK); // the quota is another's affair
    EXPECT_INT(parse(NULL, 0, &piece), FL_ERR_RANGE);
}

static void test_a_range_names_its_bytes(void)
{
    struct fl_piece piece;

    EXPECT_INT(parse("bytes 0-0/1", 1, &piece), FL_OK);
    EXPECT(!piece.whole && piece.first == 0 && piece.last == 1 && piece.total == 1);
    EXPECT_INT(parse("bytes 100-299/18446744073709551615", 200, &piece), FL_OK);
    EXPECT(piece.first == 100 && piece.last == 300 && piece.total == UINT64_MAX);
    EXPECT_INT(parse("bytes 0-8388607/9000000", 8388608, &piece), FL_OK);
    EXPECT_INT(parse("bytes 0-8388608/9000000", 8388609, &piece), FL_ERR_TOO_BIG);
}

static void test_what_is_no_range_is_refused(void)
{
    static const char *const table[] = {
        "",
        "bytes",
        "bytes 0-9",
        "bytes 0-9/",
        "bytes 0-9/*",
        "bytes */10",
        "bytes 0-9/10 ",
        " bytes 0-9/10",
        "bytes  0-9/10",
        "Bytes 0-9/10",
        "bytes -9/10",
        "bytes +0-9/10",
        "bytes 0--9/10",
        "bytes 0x0-9/10",
        "bytes 0-9/9",
        "bytes 9-0/10",
        "bytes 0-8/10",
        "bytes 0-10/20",
        "bytes 18446744073709551616-18446744073709551625/18446744073709551626",
        "bytes 18446744073709551606-18446744073709551615/18446744073709551615",
        "bytes 0-18446744073709551615/18446744073709551615",
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fl_piece piece;
        EXPECT_INT(parse(table[i], 10, &piece), FL_ERR_RANGE);
    }
}

static void test_numbers_are_digits(void)
{
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.0", "18446744073709551616"};
    uint64_t value = 0;

    EXPECT(fl_range_number("18446744073709551615", &value) && value == UINT64_MAX);
    EXPECT(fl_range_number("007", &value) && value == 7);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!fl_range_number(bad[i], &value));
}

int main(void)
{
    RUN(test_without_a_range_it_is_all);
    RUN(test_a_range_names_its_bytes);
    RUN(test_what_is_no_range_is_refused);
    RUN(test_numbers_are_digits);
    return 0;
}
