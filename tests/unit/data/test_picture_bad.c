// Pictures that are refused, each with its sentence.
#include "server/data/picture.h"

#include "files.h"

// Opening or loading fails with this code and a sentence that says `word`.
static void expect_refused(struct fl_buf *buf, enum fl_err code, const char *word)
{
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    enum fl_err err = fl_picture_open_bytes(buf, "test", &picture, &error);

    EXPECT((err == FL_OK) == (picture != NULL));
    if (!err)
        err = fl_picture_load(picture, &error);
    if (err != code || !strstr(error.text, word))
        fprintf(stderr, "%d, \"%s\"\n", err, error.text);
    EXPECT_INT(err, code);
    EXPECT_INT(error.code, code);
    EXPECT(strstr(error.text, word));
    EXPECT(strncmp(error.text, "test ", 5) == 0);
    fl_picture_unref(picture);
}

static void test_every_cut_of_a_picture_is_refused(void)
{
    uint8_t rgb[QUARTERS_W * QUARTERS_H * 3];

    paint_quarters(rgb);
    const struct png_kind kind = {.bits = 8, .colour = PNG_COLOR_TYPE_RGB};
    struct fl_buf *files[] = {
        make_png(QUARTERS_W, QUARTERS_H, &kind, rgb, (size_t)QUARTERS_W * 3),
        quarters_jpeg(0),
        quarters_jpeg(TJFLAG_PROGRESSIVE),
    };
    for (size_t i = 0; i < 3; i++) {
        for (size_t len = 0; len < fl_buf_len(files[i]) - 1; len++) {
            struct fl_buf *cut = buf_of(fl_buf_bytes(files[i]), len);
            expect_refused(cut, FL_ERR_FORMAT, ".");
            fl_buf_unref(cut);
        }
        struct fl_buf *most = buf_of(fl_buf_bytes(files[i]), fl_buf_len(files[i]) - 2);
        expect_refused(most, FL_ERR_FORMAT, "is cut off");
        fl_buf_unref(most);
        fl_buf_unref(files[i]);
    }
}

static void test_a_cmyk_jpeg_is_refused(void)
{
    uint8_t cmyk[QUARTERS_W * QUARTERS_H * 4] = {0};
    struct fl_buf *buf = make_jpeg(QUARTERS_W, QUARTERS_H, TJPF_CMYK, cmyk, 0);

    expect_refused(buf, FL_ERR_UNSUPPORTED, "CMYK");
    fl_buf_unref(buf);
}

static void test_a_jpeg_of_65500_x_65500_is_refused_by_its_header(void)
{
    struct fl_buf *buf = quarters_jpeg(0);
    uint8_t *bytes = fl_buf_bytes(buf);
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    uint8_t *frame = memmem(bytes, fl_buf_len(buf), "\xFF\xC0", 2);

    EXPECT(frame);
    frame[5] = frame[7] = 65500 >> 8;
    frame[6] = frame[8] = 65500 & 255;
    EXPECT_INT(fl_picture_open_bytes(buf, "test", &picture, &error), FL_ERR_TOO_BIG);
    EXPECT(strstr(error.text, "65500 x 65500"));
    frame[5] = frame[6] = frame[7] = frame[8] = 255; // more than any JPEG may have
    expect_refused(buf, FL_ERR_FORMAT, "not a sound JPEG");
    fl_buf_unref(buf);
}

static void put_number(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void test_a_jpeg_of_tables_alone_is_refused(void)
{
    struct fl_buf *buf = quarters_jpeg(0);
    uint8_t *frame = memmem(fl_buf_bytes(buf), fl_buf_len(buf), "\xFF\xC0", 2);

    EXPECT(frame);
    size_t before = (size_t)(frame - fl_buf_bytes(buf));
    frame[1] = 0xD9; // the end of the image
    fl_buf_set_len(buf, before + 2);
    expect_refused(buf, FL_ERR_FORMAT, "without a picture");
    fl_buf_unref(buf);
}

static uint32_t png_checksum(const uint8_t *bytes, size_t len)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < len * 8; i++)
        crc = (crc >> 1) ^ (((crc ^ (uint32_t)bytes[i / 8] >> i % 8) & 1) ? 0xedb88320 : 0);
    return ~crc;
}

static void test_a_png_is_refused_by_its_header_when_it_is_too_large(void)
{
    static const uint32_t sizes[][2] = {{16385, 16384}, {1, 1048577}, {0x7fffffff, 0x7fffffff}};
    const struct png_kind kind = {.bits = 1, .colour = PNG_COLOR_TYPE_GRAY};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fl_buf *buf = make_png(1, 1, &kind, (const uint8_t[]){0}, 1);
        uint8_t *bytes = fl_buf_bytes(buf);
        struct fl_picture *picture = NULL;
        struct fl_error error = {0};
        put_number(bytes + 16, sizes[i][0]);
        put_number(bytes + 20, sizes[i][1]);
        put_number(bytes + 29, png_checksum(bytes + 12, 17));
        EXPECT_INT(fl_picture_open_bytes(buf, "test", &picture, &error), FL_ERR_TOO_BIG);
        EXPECT(strstr(error.text, "reduce it first"));
        fl_buf_unref(buf);
    }
}

static void test_what_is_no_picture_is_refused(void)
{
    static const char *const texts[] = {"", "\x89", "GIF89a..........", "\xFF\xD8",
                                        "P6 1 1 255 abc"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct fl_buf *buf = buf_of(texts[i], strlen(texts[i]));
        expect_refused(buf, FL_ERR_FORMAT, "neither a JPEG nor a PNG");
        fl_buf_unref(buf);
    }
}

static void test_a_path_without_a_picture_is_refused(void)
{
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_picture_open("/nowhere/at/all.png", &picture, &error), FL_ERR_NOT_FOUND);
    EXPECT(strstr(error.text, "/nowhere/at/all.png"));
    EXPECT_INT(fl_picture_open("/", &picture, &error), FL_ERR_IO);
    EXPECT(picture == NULL);
}

int main(void)
{
    RUN(test_every_cut_of_a_picture_is_refused);
    RUN(test_a_cmyk_jpeg_is_refused);
    RUN(test_a_jpeg_of_65500_x_65500_is_refused_by_its_header);
    RUN(test_a_jpeg_of_tables_alone_is_refused);
    RUN(test_a_png_is_refused_by_its_header_when_it_is_too_large);
    RUN(test_what_is_no_picture_is_refused);
    RUN(test_a_path_without_a_picture_is_refused);
    return 0;
}
