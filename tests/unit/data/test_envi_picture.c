#include "scenes.h"

#include "server/base/log.h"
#include "server/data/collection.h"
#include "server/data/envi.h"

#include <math.h>

// The bands of an ENVI cube as its picture, pixel by pixel against what the header asks for.

enum { W = 9, H = 7, BANDS = 5, CELLS = W * H, NONE = -9999 };

static int16_t cube[CELLS][BANDS];

// Values of both signs, with ties, each band of its own range; three cells without data in some band.
static void fill_cube(void)
{
    uint32_t state = 7;

    for (int cell = 0; cell < CELLS; cell++)
        for (int band = 0; band < BANDS; band++) {
            state = state * 1664525 + 1013904223;
            cube[cell][band] = (int16_t)((int)(state >> 24) * (band + 1) - 200 * band);
        }
    cube[0][0] = cube[20][1] = cube[62][4] = NONE;
}

static void put_be(uint8_t *at, int16_t value)
{
    uint16_t bits = (uint16_t)value;

    at[0] = (uint8_t)(bits >> 8);
    at[1] = (uint8_t)bits;
}

static void put_value(uint8_t *file, const char *order, int cell, int band)
{
    int y = cell / W, x = cell % W;
    int at = strcmp(order, "bsq") == 0   ? band * CELLS + cell
             : strcmp(order, "bil") == 0 ? (y * BANDS + band) * W + x
                                         : cell * BANDS + band;

    put_be(file + (ptrdiff_t)2 * at, cube[cell][band]);
}

// The picture of the cube in this order with these lines behind its header; NULL: it has none.
static struct fl_picture *picture_of(const char *order, const char *more)
{
    uint8_t file[sizeof cube];
    char text[1024];
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    for (int cell = 0; cell < CELLS; cell++)
        for (int band = 0; band < BANDS; band++)
            put_value(file, order, cell, band);
    snprintf(text, sizeof text,
             "ENVI\nsamples = %d\nlines = %d\nbands = %d\ndata type = 2\nbyte order = 1\n"
             "interleave = %s\ndata ignore value = %d\n%s",
             W, H, BANDS, order, NONE, more);
    const struct fl_file_bytes head = {"cube.hdr", text, strlen(text), NULL};
    const struct fl_file_bytes values = {"cube.img", file, sizeof file, NULL};
    if (fl_envi_read(&head, &values, &source, &picture, &error) ||
        (picture && fl_picture_load(picture, &error))) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    EXPECT(source.w == W && source.h == H);
    fl_map_source_finish(&source);
    EXPECT(!picture || (fl_picture_w(picture) == W && fl_picture_h(picture) == H));
    return picture;
}

static int by_value(const void *a, const void *b)
{
    return *(const int16_t *)a - *(const int16_t *)b;
}

// The value with `percent` of the band's others below it.
static double percentile(int band, double percent)
{
    int16_t valid[CELLS];
    size_t n = 0;

    for (int cell = 0; cell < CELLS; cell++)
        if (cube[cell][band] != NONE)
            valid[n++] = cube[cell][band];
    qsort(valid, n, sizeof *valid, by_value);
    return valid[(size_t)lround(percent / 100 * (double)(n - 1))];
}

struct want {
    int bands[3];
    double percent; // 0 to 49; below 0: lo and hi
    double lo, hi;
};

static int level_of(const struct want *want, int cell, int band)
{
    double lo = want->percent < 0 ? want->lo : percentile(band, want->percent);
    double hi = want->percent < 0 ? want->hi : percentile(band, 100 - want->percent);

    return (int)lround(255 * fmin(fmax((cube[cell][band] - lo) / (hi - lo), 0), 1));
}

static void expect_picture(struct fl_picture *picture, const struct want *want)
{
    EXPECT(picture);
    for (int i = 0; i < CELLS * 3; i++) {
        int cell = i / 3, k = i % 3;
        bool blank = false;
        for (int other = 0; other < 3; other++)
            blank = blank || cube[cell][want->bands[other]] == NONE;
        EXPECT_INT(look(picture, cell % W, cell / W)[k],
                   blank ? 0 : level_of(want, cell, want->bands[k]));
    }
    fl_picture_unref(picture);
}

static void test_three_bands_or_one_are_stretched_each_by_itself(void)
{
    static const char *const orders[] = {"bsq", "bil", "bip"};

    fill_cube();
    for (int i = 0; i < 3; i++) {
        expect_picture(picture_of(orders[i], "default bands = {5, 1,\n 2}\n"),
                       &(struct want){{4, 0, 1}, 2, 0, 0});
        expect_picture(picture_of(orders[i], "Default  Bands = {4}\n"),
                       &(struct want){{3, 3, 3}, 2, 0, 0});
        expect_picture(picture_of(orders[i], "default bands = 3 3 1.0\n"),
                       &(struct want){{2, 2, 0}, 2, 0, 0});
    }
}

static void test_a_bad_band_may_be_wanted(void)
{
    fill_cube();
    expect_picture(picture_of("bip", "bbl = {1, 0, 1, 0, 1}\ndefault bands = {2, 3, 4}\n"),
                   &(struct want){{1, 2, 3}, 2, 0, 0});
}

static void test_the_stretch_is_the_headers_where_it_is_simple(void)
{
    static const struct {
        const char *said;
        double percent, lo, hi;
    } stretches[] = {
        {"5.0% linear", 5, 0, 0},
        {"10 % Linear", 10, 0, 0},
        {"{0.5% linear}", 0.5, 0, 0},
        {"linear", 0, 0, 0},
        {"-100.000000 300.500000 linear", -1, -100, 300.5},
        {"0.000e+000 1.500e+002 linear", -1, 0, 150},
        {"2.0 gaussian", 2, 0, 0}, // these are not known
        {"equalization", 2, 0, 0},
        {"50% linear", 2, 0, 0},
        {"-1% linear", 2, 0, 0},
        {"7 linear", 2, 0, 0},
        {"300 100 linear", 2, 0, 0},
        {"100 100 linear", 2, 0, 0},
        {"nan inf linear", 2, 0, 0},
        {"1 2 3 linear", 2, 0, 0},
        {"5%", 2, 0, 0},
        {"", 2, 0, 0},
    };
    char more[256];

    fill_cube();
    for (size_t i = 0; i < sizeof stretches / sizeof *stretches; i++) {
        snprintf(more, sizeof more, "default bands = {1, 2, 3}\ndefault stretch = %s\n",
                 stretches[i].said);
        expect_picture(
            picture_of("bil", more),
            &(struct want){{0, 1, 2}, stretches[i].percent, stretches[i].lo, stretches[i].hi});
    }
}

static void test_wrong_bands_are_no_picture_and_no_refusal(void)
{
    static const char *const wrong[] = {"{0}",       "{6, 1, 1}", "{1, 2}",      "{1, 2, 3, 4}",
                                        "{}",        "red",       "{1.5}",       "{-1, 1, 1}",
                                        "{1, 2, x}", "{1e99}",    "{1, nan, 2}", ""};
    char more[256];

    fill_cube();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(more, sizeof more, "default bands = %s\n", wrong[i]);
        EXPECT(!picture_of("bsq", more));
        snprintf(more, sizeof more,
                 "default bands = %s\nwavelength units = nm\n"
                 "wavelength = {460, 550, 640, 700, 800}\n",
                 wrong[i]);
        expect_picture(picture_of("bsq", more), &(struct want){{2, 1, 0}, 2, 0, 0});
    }
    EXPECT(!picture_of("bsq", ""));
}

static void test_wavelengths_stand_for_red_green_and_blue(void)
{
    static const struct {
        const char *said;
        int bands[3]; // the first is -1: no picture
    } headers[] = {
        {"nm\nwavelength = {450, 500, 560, 600, 660}", {4, 2, 0}},
        {"Micrometers\nwavelength = {0.66, 0.60, 0.56, 0.50, 0.45}", {0, 2, 4}},
        {"nm\nwavelength = {450, 500, 560, 650, 660}\nbbl = {1, 1, 1, 0, 1}", {4, 2, 0}},
        {"nm\nwavelength = {504.9, 1000, 594.9, 684.9, 2000}", {3, 2, 0}},
        {"nm\nwavelength = {505, 1000, 595, 685, 2000}", {-1}}, // too far
        {"nm\nwavelength = {900, 1000, 1300, 1600, 2400}", {-1}},
        {"nm\nwavelength = {460, 550, 640, 700, 800}\nbbl = {0, 1, 1, 1, 1}", {-1}},
        {"Unknown\nwavelength = {450, 500, 560, 600, 660}", {-1}},
        {"mm\nwavelength = {450, 500, 560, 600, 660}", {-1}},
    };
    char more[256];

    fill_cube();
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        snprintf(more, sizeof more, "wavelength units = %s\n", headers[i].said);
        struct fl_picture *picture = picture_of("bip", more);
        const int *bands = headers[i].bands;
        if (bands[0] < 0)
            EXPECT(!picture);
        else
            expect_picture(picture, &(struct want){{bands[0], bands[1], bands[2]}, 2, 0, 0});
    }
    expect_picture(picture_of("bip", "default bands = {1}\nwavelength units = nm\n"
                                     "wavelength = {460, 550, 640, 700, 800}\n"),
                   &(struct want){{0, 0, 0}, 2, 0, 0});
}

static void test_bands_without_contrast_or_data(void)
{
    fill_cube();
    for (int cell = 0; cell < CELLS; cell++)
        cube[cell][1] = 7;
    struct fl_picture *picture = picture_of("bil", "default bands = {2}\n");
    for (int k = 0; k < CELLS; k++)
        EXPECT_INT(look(picture, k % W, k / W)[0], 128);
    fl_picture_unref(picture);
    for (int cell = 0; cell < CELLS; cell++)
        cube[cell][1] = NONE;
    picture = picture_of("bil", "default bands = {1, 2, 3}\n");
    for (int k = 0; k < CELLS; k++)
        EXPECT_INT(look(picture, k % W, k / W)[2], 0);
    fl_picture_unref(picture);
}

// --- in scenes ---

static void put_cube(const char *bands, char value)
{
    char text[256], values[8 * 6 * 2];

    snprintf(text, sizeof text,
             "ENVI\nsamples = 8\nlines = 6\nbands = 2\ndata type = 1\ninterleave = bsq\n"
             "default bands = {%s}\ndefault stretch = 0 255 linear\n",
             bands);
    memset(values, value, sizeof values / 2);
    memset(values + sizeof values / 2, value + 1, sizeof values / 2);
    save_bytes(at("s/cube.img"), values, sizeof values);
    put_text("s/cube.hdr", text);
}

static void expect_size(int32_t w, int32_t h)
{
    struct fl_catalogue *catalogue = open_one("s");
    const struct fl_picture *picture = fl_catalogue_scene(catalogue, 0)->picture;

    EXPECT_INT(picture ? fl_picture_w(picture) : 0, w);
    EXPECT_INT(picture ? fl_picture_h(picture) : 0, h);
    fl_catalogue_close(catalogue);
}

static void test_it_is_the_scenes_where_there_is_no_other(void)
{
    make_dir("s");
    put_cube("1", 'a');
    put_text("s/scene.json", "{}");
    expect_size(8, 6);
    // Moved away from 0, 0, 8, 6 the cells would lie beside their own picture.
    put_text("s/scene.json",
             "{\"maps\": [{\"file\": \"cube.hdr\", \"extent\": [10, 10, 90, 70]}]}");
    expect_size(0, 0);
    put_text("s/scene.json", "{}");
    put_picture("s/picture.jpg", 80, 60);
    expect_size(80, 60);
}

// The picture of the scene "s" and how often it was replaced.
static int level_now(const struct fl_collection *collection, uint32_t *rev)
{
    const struct fl_scene *scene = fl_collection_find_name(collection, "cube");

    EXPECT(scene && scene->picture);
    EXPECT_INT(fl_picture_load(scene->picture, NULL), FL_OK);
    *rev = scene->rev;
    return look(scene->picture, 3, 3)[0];
}

static void test_it_is_made_anew_with_its_file(void)
{
    static const struct fl_catalogue_options options;
    char path[PATH_MAX];
    char *paths[] = {path};
    struct fl_collection *collection = NULL;
    uint32_t rev = 0, before = 0;

    make_dir("s");
    put_cube("1", 'a');
    snprintf(path, sizeof path, "%s", at("s"));
    EXPECT_INT(fl_collection_open(paths, 1, &options, &collection, NULL), FL_OK);
    fl_collection_say_all(collection);
    EXPECT_INT(level_now(collection, &before), 'a');
    put_cube("2", 'a'); // another band
    EXPECT(!fl_collection_look(collection) && fl_collection_look(collection));
    EXPECT_INT(level_now(collection, &rev), 'b');
    EXPECT(rev > before);
    unlink(at("s/cube.img")); // other values: a new file, as the old one may still be read
    put_cube("2", 'x');
    EXPECT(!fl_collection_look(collection) && fl_collection_look(collection));
    EXPECT_INT(level_now(collection, &before), 'y');
    EXPECT(before > rev);
    fl_collection_close(collection);
}

int main(void)
{
    fl_log_set_level(FL_LOG_ERROR);
    RUN(test_three_bands_or_one_are_stretched_each_by_itself);
    RUN(test_a_bad_band_may_be_wanted);
    RUN(test_the_stretch_is_the_headers_where_it_is_simple);
    RUN(test_wrong_bands_are_no_picture_and_no_refusal);
    RUN(test_wavelengths_stand_for_red_green_and_blue);
    RUN(test_bands_without_contrast_or_data);
    RUN_IN_FOLDER(test_it_is_the_scenes_where_there_is_no_other);
    RUN_IN_FOLDER(test_it_is_made_anew_with_its_file);
    return 0;
}
