#include "proto/reader.h"

#include "proto/utf8.h"
#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

#include <msgpack.h>

static struct fl_reader of(const char *hex)
{
    static uint8_t bytes[VECTORS_MAX];
    return fl_reader_of(bytes, vectors_unhex(hex, bytes, sizeof bytes));
}

static void test_numbers_of_every_encoding_are_read(void)
{
    static const struct {
        const char *hex;
        double value;
    } cases[] = {
        {"00", 0},
        {"7f", 127},
        {"ff", -1},
        {"e0", -32},
        {"ccff", 255},
        {"cdffff", 65535},
        {"ceffffffff", 4294967295.0},
        {"cf001fffffffffffff", 9007199254740991.0},
        {"cfffffffffffffffff", 18446744073709551616.0},
        {"d080", -128},
        {"d07f", 127},
        {"d18000", -32768},
        {"d17fff", 32767},
        {"d280000000", -2147483648.0},
        {"d3ffffffffffffffff", -1},
        {"d38000000000000000", -9223372036854775808.0},
        {"d37fffffffffffffff", 9223372036854775808.0},
        {"ca3f800000", 1},
        {"cabf200000", -0.625},
        {"cb3fb999999999999a", 0.1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fl_reader r = of(cases[i].hex);
        fprintf(stderr, "  %s\n", cases[i].hex);
        EXPECT_INT(fl_reader_peek(&r), FL_TAG_NUMBER);
        EXPECT_NEAR(fl_read_number(&r), cases[i].value, 0);
        EXPECT(fl_reader_done(&r));
    }
    struct fl_reader r = of("cb8000000000000000ca80000000");
    EXPECT(!signbit(fl_read_number(&r)) && !signbit(fl_read_number(&r)));
    r = of("cb7ff8000000000000");
    EXPECT(isnan(fl_read_number(&r)) && fl_reader_done(&r));
}

static void test_a_count_that_the_bytes_cannot_hold_is_a_mistake(void)
{
    static const char *const maps[] = {"81",           "81a0",       "8fa0a0",         "de0001a0",
                                       "df00000001c0", "dfffffffff", "df80000000c0c0", "de",
                                       "df000000"};
    static const char *const arrays[] = {"91",         "92c0",       "dc0002c0",
                                         "dd05f5e100", "ddffffffff", "dc"};

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        struct fl_reader r = of(maps[i]);
        EXPECT_INT(fl_read_map(&r), 0);
        EXPECT(!fl_reader_ok(&r));
    }
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        struct fl_reader r = of(arrays[i]);
        EXPECT_INT(fl_read_array(&r), 0);
        EXPECT(!fl_reader_ok(&r));
    }
    struct fl_reader r = of("df00000001a0c0");
    EXPECT_INT(fl_read_map(&r), 1);
    EXPECT(fl_reader_ok(&r));
}

static void test_after_a_mistake_nothing_moves(void)
{
    struct fl_reader r = of("05a161");

    EXPECT(fl_read_str(&r).bytes == NULL);
    EXPECT(!fl_reader_ok(&r) && !fl_reader_done(&r));
    EXPECT_INT(fl_reader_peek(&r), FL_TAG_NONE);
    EXPECT_NEAR(fl_read_number(&r), 0, 0);
    EXPECT(!fl_read_bool(&r));
    EXPECT_INT(fl_read_map(&r), 0);
    fl_read_skip(&r);
    EXPECT(!fl_reader_ok(&r));
}

// Whether one value is skipped to the byte.
static bool skips(const char *hex)
{
    struct fl_reader r = of(hex);
    fl_read_skip(&r);
    return fl_reader_done(&r);
}

static void check_cuts(const char *hex)
{
    for (size_t n = 0; n < strlen(hex); n += 2) {
        char cut[64] = "";
        memcpy(cut, hex, n);
        EXPECT(!skips(cut));
    }
}

static void test_any_value_is_skipped_to_the_byte(void)
{
    static const char *const whole[] = {
        "c0",
        "c2",
        "c3",
        "00",
        "ff",
        "ccff",
        "d10000",
        "ca00000000",
        "cb0000000000000000",
        "a0",
        "a161",
        "d90161",
        "da000161",
        "db0000000161",
        "c400",
        "c40100",
        "c5000100",
        "c60000000100",
        "d40100",
        "d5010000",
        "d60100000000",
        "d7010000000000000000",
        "d80100000000000000000000000000000000",
        "c70001",
        "c7010100",
        "c800010100",
        "c9000000010100",
        "90",
        "80",
        "92c0c0",
        "82c0c0c0c0",
        "dc0001c0",
        "dd00000001c0",
        "de0001c0c0",
        "df00000001c0c0",
        "9191919191919190",
        "8100810081008100810081008100c0",
    };

    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        fprintf(stderr, "  %s\n", whole[i]);
        EXPECT(skips(whole[i]));
        check_cuts(whole[i]);
    }
    EXPECT(!skips("c1"));
    EXPECT(!skips("919191919191919190")); // nine deep
    EXPECT(!skips("c0c0"));
}

static void test_skipping_agrees_with_msgpack_c_on_every_two_first_bytes(void)
{
    // Behind them zeros enough for every fixed length; long strings and containers break off.
    for (unsigned first = 0; first < 0x10000; first++) {
        uint8_t bytes[40] = {(uint8_t)(first >> 8), (uint8_t)first};
        struct fl_reader r = fl_reader_of(bytes, sizeof bytes);
        msgpack_unpacked result;
        size_t used = 0;

        if (bytes[0] == 0xdd || bytes[0] == 0xdf || bytes[0] == 0xdc || bytes[0] == 0xde)
            continue; // its counts are trusted there
        fl_read_skip(&r);
        msgpack_unpacked_init(&result);
        bool ok = msgpack_unpack_next(&result, (const char *)bytes, sizeof bytes, &used) ==
                  MSGPACK_UNPACK_SUCCESS;
        EXPECT_INT(fl_reader_ok(&r), ok);
        if (ok)
            EXPECT_INT(r.at - bytes, used);
        msgpack_unpacked_destroy(&result);
    }
}

static void test_utf8_is_told_from_what_only_looks_like_it(void)
{
    static const char *const good[] = {"",       "61",       "7f",       "c280",
                                       "dfbf",   "e0a080",   "ed9fbf",   "ee8080",
                                       "efbfbf", "f0908080", "f48fbfbf", "61c3bc62"};
    static const char *const bad[] = {"00",     "80",       "bf",       "c080",     "c1bf",
                                      "c2",     "c261",     "e08080",   "e09fbf",   "eda080",
                                      "edbfbf", "e18080c2", "f08fbfbf", "f4908080", "f5808080",
                                      "ff",     "e180",     "f09080",   "6100",     "f0908061"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint8_t bytes[16];
        size_t len = vectors_unhex(good[i], bytes, sizeof bytes);
        fprintf(stderr, "  %s\n", good[i]);
        EXPECT(fl_utf8_is_text(bytes, len));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t bytes[16];
        size_t len = vectors_unhex(bad[i], bytes, sizeof bytes);
        fprintf(stderr, "  %s\n", bad[i]);
        EXPECT(!fl_utf8_is_text(bytes, len));
    }
}

int main(void)
{
    RUN(test_numbers_of_every_encoding_are_read);
    RUN(test_a_count_that_the_bytes_cannot_hold_is_a_mistake);
    RUN(test_after_a_mistake_nothing_moves);
    RUN(test_any_value_is_skipped_to_the_byte);
    RUN(test_skipping_agrees_with_msgpack_c_on_every_two_first_bytes);
    RUN(test_utf8_is_told_from_what_only_looks_like_it);
    return 0;
}
