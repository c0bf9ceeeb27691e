// What is written is read back by our own reader; other readers do so in tests/protocol.
#include "server/data/ifealid_write.h"

#include "files.h"
#include "npy_files.h"

#include "server/data/ifealid.h"
#include "server/data/ifealid_levels.h"
#include "server/data/overlay.h"

enum { W = 5, H = 3, MAX_D = 9 };

static struct folder folder;
static char path[4200];

// Both signs; the last channel of the last cell is the largest, the first of all the smallest.
static float value_of(int cell, int channel, int d)
{
    if (cell == 0 && channel == 0)
        return -2.5F;
    if (cell == W * H - 1 && channel == d - 1)
        return 3.75F;
    return (float)((cell * 7919 + channel * 104729) % 1000) / 200 - 2;
}

static struct fl_map *make_map(int d, float (*value)(int cell, int channel, int d))
{
    float *values = malloc((size_t)W * H * (size_t)d * sizeof *values);
    struct fl_error error = {0};

    EXPECT(values);
    for (int cell = 0; cell < W * H; cell++)
        for (int c = 0; c < d; c++)
            values[cell * d + c] = value(cell, c, d);
    struct fl_map_source source = fl_map_source_of(values, W, H, d);
    source.owned = values;
    struct fl_map *map = fl_map_create("map", &source, (const double[]){0, 0, W, H});
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_OK);
    return map;
}

static void write_set(struct fl_ifealid_levels *levels, int d, const uint8_t *jpeg, size_t len)
{
    const struct fl_ifealid_set set = {
        .what = path, .name = "größe", .w = W, .h = H, .d = d, .overlay = jpeg, .overlay_len = len};
    struct fl_error error = {0};

    if (fl_ifealid_write(path, &set, levels, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    fl_ifealid_levels_finish(levels);
}

static float *read_back(int d, int bits, struct fl_picture **picture)
{
    struct fl_map_source source = {0};
    struct fl_error error = {0};
    char dtype[16];
    float *values = NULL;

    snprintf(dtype, sizeof dtype, "png%d", bits);
    EXPECT_INT(fl_ifealid_open(path, &source, picture, &error), FL_OK);
    EXPECT(source.w == W && source.h == H && source.d == d);
    EXPECT(strcmp(source.dtype, dtype) == 0);
    EXPECT_INT(source.decode(source.user, &values, NULL, &error), FL_OK);
    fl_map_source_finish(&source);
    return values;
}

// Half a step of the levels, and what float32 cannot tell apart in [0, 1].
static void expect_round_trip(int d, int bits)
{
    struct fl_map *map = make_map(d, value_of);
    struct fl_ifealid_levels levels = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    double most = exp2(bits) - 1;

    EXPECT_INT(fl_ifealid_levels_make(map, "map", bits, &levels, &error), FL_OK);
    EXPECT(levels.min == -2.5 && levels.max == 3.75);
    EXPECT_INT(levels.n_tiles, (d * bits + 31) / 32);
    write_set(&levels, d, NULL, 0);
    float *got = read_back(d, bits, &picture);
    EXPECT(!picture);
    for (int cell = 0; cell < W * H; cell++)
        for (int c = 0; c < d; c++) {
            double want = ((double)value_of(cell, c, d) + 2.5) / 6.25;
            EXPECT_NEAR(got[cell * d + c], want, 0.5 / most + 6e-8);
            EXPECT(got[cell * d + c] == (float)(rint(want * most) / most)); // to the last bit
        }
    free(got);
    fl_map_unref(map);
}

static void test_every_precision_and_padding_comes_back(void)
{
    for (int d = 1; d <= MAX_D; d++)
        for (int bits = 8; bits <= 32; bits *= 2)
            expect_round_trip(d, bits);
}

static void test_padding_is_zero(void)
{
    struct fl_map *map = make_map(5, value_of);
    struct fl_ifealid_levels levels = {0};
    struct fl_error error = {0};

    EXPECT_INT(fl_ifealid_levels_make(map, "map", 8, &levels, &error), FL_OK);
    EXPECT_INT(levels.n_tiles, 2);
    for (int cell = 0; cell < W * H; cell++)
        for (int c = 1; c < 4; c++)
            EXPECT_INT(levels.tiles[1][cell * 4 + c], 0);
    EXPECT_INT(levels.tiles[1][W * H * 4 - 4], 255);
    fl_ifealid_levels_finish(&levels);
    fl_map_unref(map);
}

static float four(int cell, int channel, int d)
{
    (void)cell, (void)channel, (void)d;
    return 4;
}

static void test_equal_values_become_zeros(void)
{
    struct fl_map *map = make_map(3, four);
    struct fl_ifealid_levels levels = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_ifealid_levels_make(map, "map", 16, &levels, &error), FL_OK);
    EXPECT(levels.min == 4 && levels.max == 4);
    write_set(&levels, 3, NULL, 0);
    float *got = read_back(3, 16, &picture);
    for (int i = 0; i < W * H * 3; i++)
        EXPECT(got[i] == 0);
    free(got);
    fl_map_unref(map);
}

static float nan_in_the_middle(int cell, int channel, int d)
{
    return cell == 7 && channel == 2 ? (float)NAN : value_of(cell, channel, d);
}

static float minus_inf_at_the_end(int cell, int channel, int d)
{
    return cell == W * H - 1 && channel == d - 1 ? -(float)INFINITY : value_of(cell, channel, d);
}

static void expect_refused(float (*value)(int cell, int channel, int d), const char *says)
{
    struct fl_map *map = make_map(4, value);
    struct fl_ifealid_levels levels = {0};
    struct fl_error error = {0};

    EXPECT_INT(fl_ifealid_levels_make(map, "the map", 8, &levels, &error), FL_ERR_UNSUPPORTED);
    if (!strstr(error.text, says) || strncmp(error.text, "the map ", 8) != 0) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    EXPECT(!levels.tiles);
    fl_map_unref(map);
}

static void test_nan_and_infinities_are_refused_with_their_cell(void)
{
    expect_refused(nan_in_the_middle, "holds NaN in channel 2 of the cell in row 1, column 2");
    expect_refused(minus_inf_at_the_end, "holds -Inf in channel 3 of the cell in row 2, column 4");
}

static float zero_vectors(int cell, int channel, int d)
{
    return cell % 2 ? 0 : value_of(cell, channel, d) + 2.5F;
}

static void test_zero_vectors_are_values_like_others(void)
{
    struct fl_map *map = make_map(4, zero_vectors);
    struct fl_ifealid_levels levels = {0};
    struct fl_error error = {0};

    EXPECT(fl_map_stats(map)->invalid > 0);
    EXPECT_INT(fl_ifealid_levels_make(map, "map", 8, &levels, &error), FL_OK);
    EXPECT_INT(levels.tiles[0][4], 0);
    fl_ifealid_levels_finish(&levels);
    fl_map_unref(map);
}

static struct fl_picture *open_buf(struct fl_buf *file)
{
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_picture_open_bytes(file, "picture", &picture, &error), FL_OK);
    return picture;
}

static void test_a_jpeg_is_kept_as_it_is(void)
{
    struct fl_buf *file = quarters_jpeg(0);
    struct fl_picture *picture = open_buf(file);
    struct fl_error error = {0};
    uint8_t *bytes = NULL;
    size_t len = 0;

    EXPECT_INT(fl_overlay_jpeg(picture, "picture", &bytes, &len, &error), FL_OK);
    EXPECT_INT(len, fl_buf_len(file));
    EXPECT(memcmp(bytes, fl_buf_bytes(file), len) == 0);
    free(bytes);
    fl_picture_unref(picture);
    fl_buf_unref(file);
}

// A PNG whose left half is red and right half clear, which lies over white.
static void test_a_png_becomes_a_jpeg_in_the_set(void)
{
    uint8_t rgba[32 * 16 * 4];
    struct fl_map *map = make_map(4, value_of);
    struct fl_ifealid_levels levels = {0};
    struct fl_picture *back = NULL;
    struct fl_error error = {0};
    uint8_t *bytes = NULL;
    size_t len = 0;

    memset(rgba, 0, sizeof rgba);
    for (size_t i = 0; i < (size_t)32 * 16; i++)
        rgba[i * 4] = rgba[i * 4 + 3] = i % 32 < 16 ? 255 : 0;
    struct fl_buf *file = make_rgba_png(32, 16, rgba);
    struct fl_picture *picture = open_buf(file);
    EXPECT_INT(fl_overlay_jpeg(picture, "picture", &bytes, &len, &error), FL_OK);
    EXPECT(memcmp(bytes, "\xff\xd8\xff", 3) == 0);
    EXPECT_INT(fl_ifealid_levels_make(map, "map", 8, &levels, &error), FL_OK);
    write_set(&levels, 4, bytes, len);
    free(read_back(4, 8, &back));
    EXPECT(back && fl_picture_w(back) == 32 && fl_picture_h(back) == 16);
    EXPECT_INT(fl_picture_load(back, &error), FL_OK);
    EXPECT(look(back, 4, 8)[0] > 245 && look(back, 4, 8)[1] < 10);
    EXPECT(look(back, 28, 8)[0] > 245 && look(back, 28, 8)[1] > 245);
    free(bytes);
    fl_picture_unref(back);
    fl_picture_unref(picture);
    fl_buf_unref(file);
    fl_map_unref(map);
}

static void test_the_same_map_is_the_same_bytes(void)
{
    struct fl_map *map = make_map(6, value_of);
    struct fl_error error = {0};
    void *files[2];
    size_t len[2];

    for (int i = 0; i < 2; i++) {
        struct fl_ifealid_levels levels = {0};
        EXPECT_INT(fl_ifealid_levels_make(map, "map", 16, &levels, &error), FL_OK);
        write_set(&levels, 6, NULL, 0);
        files[i] = load_bytes(path, &len[i]);
        unlink(path);
    }
    EXPECT_INT(len[0], len[1]);
    EXPECT(memcmp(files[0], files[1], len[0]) == 0);
    free(files[0]);
    free(files[1]);
    fl_map_unref(map);
}

static void test_a_place_that_cannot_be_written_is_told(void)
{
    struct fl_map *map = make_map(4, value_of);
    struct fl_ifealid_levels levels = {0};
    const struct fl_ifealid_set set = {.what = "set.zip", .name = "n", .w = W, .h = H, .d = 4};
    struct fl_error error = {0};

    EXPECT_INT(fl_ifealid_levels_make(map, "map", 8, &levels, &error), FL_OK);
    snprintf(path, sizeof path, "%s/none/set.zip", folder.path);
    EXPECT_INT(fl_ifealid_write(path, &set, &levels, &error), FL_ERR_IO);
    EXPECT(strncmp(error.text, "set.zip cannot be written", 25) == 0);
    fl_ifealid_levels_finish(&levels);
    fl_map_unref(map);
}

int main(void)
{
    folder = make_folder();
    snprintf(path, sizeof path, "%s/set.zip", folder.path);
    RUN(test_every_precision_and_padding_comes_back);
    RUN(test_padding_is_zero);
    RUN(test_equal_values_become_zeros);
    RUN(test_nan_and_infinities_are_refused_with_their_cell);
    RUN(test_zero_vectors_are_values_like_others);
    RUN(test_a_jpeg_is_kept_as_it_is);
    RUN(test_a_png_becomes_a_jpeg_in_the_set);
    RUN(test_the_same_map_is_the_same_bytes);
    RUN(test_a_place_that_cannot_be_written_is_told);
    remove_folder(&folder);
    return 0;
}
