#include "scenes.h"

#include "server/base/log.h"

// Archives, cubes and raw files as scenes: which arrays become layers, which one the picture, and
// what scene.json and words behind a path change.

static const char dict_of[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s)}";

// One .npy of u1, all ones; at most 3500 values.
static struct fl_buf *array_of(const char *shape, size_t n)
{
    char dict[128];
    uint8_t ones[3500];

    memset(ones, 1, sizeof ones);
    snprintf(dict, sizeof dict, dict_of, shape);
    struct bytes file = npy_of(1, dict, ones, n);
    return buf_of(file.at, file.len);
}

struct member {
    const char *name, *shape;
    size_t n;
};

static void put_npz(const char *name, const struct member *members, size_t n)
{
    struct zip_entry entries[8] = {{0}};

    for (size_t i = 0; i < n; i++)
        entries[i] = (struct zip_entry){.name = members[i].name,
                                        .bytes = array_of(members[i].shape, members[i].n),
                                        .deflated = i % 2};
    put_buf(name, make_zip(entries, n));
    for (size_t i = 0; i < n; i++)
        fl_buf_unref(entries[i].bytes);
}

static const struct fl_picture *picture_of(const struct fl_catalogue *catalogue)
{
    return fl_catalogue_scene(catalogue, 0)->picture;
}

static void put_lesson(const char *name)
{
    static const struct member members[] = {{"conv10.npy", "6, 8, 30", 1440},
                                            {"labels.npy", "7,", 7},
                                            {"conv2.npy", "6, 8, 20", 960},
                                            {"image.npy", "30, 38, 3", 3420},
                                            {"conv2/b.npy", "6, 8, 1", 48}};
    put_npz(name, members, 5);
}

static void test_the_arrays_of_an_archive_are_layers(void)
{
    put_lesson("lesson.npz");
    struct fl_catalogue *catalogue = open_one("lesson.npz");
    expect_content(catalogue, "lesson(conv10,conv2)"); // the directory's order
    expect_extent(catalogue, "lesson/conv10", 0, 0, 38, 30);
    EXPECT(fl_picture_w(picture_of(catalogue)) == 38 && fl_picture_h(picture_of(catalogue)) == 30);
    fl_catalogue_close(catalogue);
}

static void test_a_picture_beside_an_archive_stands_over_the_one_in_it(void)
{
    make_dir("s");
    put_picture("s/picture.jpg", 80, 60);
    put_lesson("s/lesson.npz");
    put_npy("s/conv2.npy", 6, 8, 30);
    struct fl_catalogue *catalogue = open_one("s");
    expect_content(catalogue, "s(conv2,conv10,conv2-2)");
    expect_extent(catalogue, "s/conv10", 0, 0, 80, 60);
    EXPECT_INT(fl_picture_w(picture_of(catalogue)), 80);
    fl_catalogue_close(catalogue);
}

static void test_scene_json_chooses_an_array(void)
{
    make_dir("s");
    put_lesson("s/lesson.npz");
    put_text("s/scene.json",
             "{\"maps\": [{\"file\": \"lesson.npz\", \"array\": \"conv2\", "
             "\"extent\": [0, 0, 32, 24]},"
             "{\"file\": \"lesson.npz\", \"array\": \"conv2/b\", \"name\": \"b\"}]}");
    struct fl_catalogue *catalogue = open_one("s");
    expect_content(catalogue, "s(conv2,b)");
    expect_extent(catalogue, "s/conv2", 0, 0, 32, 24);
    expect_extent(catalogue, "s/b", 0, 0, 38, 30);
    fl_catalogue_close(catalogue);

    put_text("s/scene.json", "{\"maps\": [{\"file\": \"lesson.npz\", \"array\": \"conv5\"}]}");
    expect_refused("s", FL_ERR_NOT_FOUND, "no array named \"conv5\"");
    put_text("s/scene.json", "{\"maps\": [{\"file\": \"lesson.npz\", \"name\": \"one\"}]}");
    expect_refused("s", FL_ERR_FORMAT, "holds 3 maps, and \"name\" is for one");
}

static void test_a_tie_in_an_archive_is_the_arrays_own(void)
{
    put_npz("t.npz",
            (const struct member[]){{"cube.npy", "9, 9, 9", 729},
                                    {"image.npy", "20, 20", 400},
                                    {"map.npy", "5, 5, 30", 750}},
            3);
    struct fl_catalogue *catalogue = open_one("t.npz");
    expect_content(catalogue, "t(map)");
    fl_catalogue_close(catalogue);
    put_npz("t.npz",
            (const struct member[]){{"cube.npy", "9, 9, 9", 729}, {"image.npy", "20, 20", 400}}, 2);
    expect_refused("t.npz", FL_ERR_TIE, "t.npz: cube is 9 x 9");
}

static void test_a_picture_alone_gets_its_filter_bank(void)
{
    put_npz("p.npz", (const struct member[]){{"image.npy", "30, 38, 3", 3420}}, 1);
    struct fl_catalogue *catalogue = open_one("p.npz");
    expect_content(catalogue, "p(filter-bank)");
    fl_catalogue_close(catalogue);
}

static void put_cube(const char *name, const char *more)
{
    char text[512], file[64];

    snprintf(text, sizeof text,
             "ENVI\r\nsamples = 8\r\nlines = 6\r\nbands = 4\r\ndata type = 1\r\n"
             "interleave = BSQ\r\n%s",
             more);
    snprintf(file, sizeof file, "%s.hdr", name);
    put_text(file, text);
    snprintf(file, sizeof file, "%s.dat", name);
    put_text(file, "123456781234567812345678123456781234567812345678"
                   "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh"
                   "ABCDEFGHABCDEFGHABCDEFGHABCDEFGHABCDEFGHABCDEFGH"
                   "........................................########");
}

static const struct fl_map_facts *facts_of(const struct fl_catalogue *catalogue, const char *name)
{
    const struct fl_scene *scene = NULL;
    const struct fl_map *map = fl_catalogue_find_map(catalogue, name, &scene);

    EXPECT(map);
    return fl_map_facts(map);
}

static void test_wavelengths_of_good_bands_are_the_axis(void)
{
    static const struct {
        const char *said, *unit;
    } units[] = {{"Nanometers", "nm"},
                 {"NM", "nm"},
                 {"Micrometers", "µm"},
                 {"um", "µm"},
                 {"Unknown", ""},
                 {"parsec", "parsec"},
                 {"", ""},
                 {"\xff\xfe", ""},
                 {"a unit of many letters", ""}};
    char more[256];

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        snprintf(more, sizeof more,
                 "wavelength = {400.5, 500,\r\n 6e2,700.0 }\r\nbbl = {1, 0, 1, 1}\r\n"
                 "Wavelength  Units = %s \r\n",
                 units[i].said);
        put_cube("cube", more);
        struct fl_catalogue *catalogue = open_one("cube.dat");
        expect_content(catalogue, "cube(cube)");
        fl_catalogue_close(catalogue);
        catalogue = open_one("cube.hdr");
        const struct fl_map_facts *facts = facts_of(catalogue, "cube/cube");
        EXPECT_INT(facts->d, 3);
        EXPECT(facts->axis && facts->axis[0] == 400.5f && facts->axis[1] == 600 &&
               facts->axis[2] == 700);
        EXPECT(strcmp(facts->axis_unit, units[i].unit) == 0);
        fl_catalogue_close(catalogue);
    }
    put_cube("cube", "");
    struct fl_catalogue *catalogue = open_one("cube.hdr");
    EXPECT(!facts_of(catalogue, "cube/cube")->axis);
    fl_catalogue_close(catalogue);
}

static void test_a_cube_and_its_header_are_one_map(void)
{
    make_dir("d");
    put_cube("d/cube", "");
    put_npy("d/map.npy", 3, 4, 5);
    struct fl_catalogue *catalogue = open_one("d");
    expect_content(catalogue, "cube(cube) map(map)");
    fl_catalogue_close(catalogue);
    put_text("d/scene.json", "{}");
    catalogue = open_one("d");
    expect_content(catalogue, "d(cube,map)");
    fl_catalogue_close(catalogue);
}

static void test_cells_to_ignore_are_invalid(void)
{
    const struct fl_scene *scene = NULL;
    float vector[4];

    put_cube("cube", "data ignore value = 35\r\n"); // '#', the last row of the last band
    struct fl_catalogue *catalogue = open_one("cube.hdr");
    struct fl_map *map = fl_catalogue_find_map(catalogue, "cube/cube", &scene);
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, NULL), FL_OK);
    EXPECT_INT(fl_map_stats(map)->invalid, 8);
    EXPECT(fl_map_stats(map)->min == '.' && fl_map_stats(map)->max == 'h');
    fl_map_read_vector(map, 2, 5, vector);
    EXPECT(vector[0] == '3' && vector[1] == 'c' && vector[2] == 'C' && isnan(vector[3]));
    fl_catalogue_close(catalogue);

    put_cube("cube", "data ignore value = 35\r\nbbl = {1, 1, 1, 0}\r\n");
    catalogue = open_one("cube.hdr");
    map = fl_catalogue_find_map(catalogue, "cube/cube", &scene);
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, NULL), FL_OK);
    EXPECT_INT(fl_map_stats(map)->invalid, 0);
    fl_catalogue_close(catalogue);
}

static void test_words_behind_a_path_tell_of_its_file(void)
{
    put_text("map.bin", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ12345678");
    put_npy("tokens.npy", 1, 13, 5);
    struct fl_catalogue *catalogue = open_one("map.bin:raw,4x3x5,u1");
    expect_content(catalogue, "map(map)");
    EXPECT_INT(facts_of(catalogue, "map/map")->w, 3);
    fl_catalogue_close(catalogue);
    catalogue = open_one("tokens.npy:nlc,grid=3x4,skip=1");
    expect_content(catalogue, "tokens(tokens)");
    EXPECT(facts_of(catalogue, "tokens/tokens")->w == 4 &&
           facts_of(catalogue, "tokens/tokens")->h == 3);
    fl_catalogue_close(catalogue);

    // A file that is called so is that file.
    put_npy("map.bin:raw,4x3x5,u1.npy", 3, 4, 5);
    catalogue = open_one("map.bin:raw,4x3x5,u1.npy");
    expect_content(catalogue, "map.bin:raw,4x3x5,u1(map.bin:raw,4x3x5,u1)");
    fl_catalogue_close(catalogue);
    expect_refused("none.bin:raw,4x3x5,u1", FL_ERR_NOT_FOUND, "none.bin:raw");
}

static void test_scene_json_tells_of_raw_files_and_tokens(void)
{
    make_dir("s");
    put_text("s/map.bin", "12abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ12345678");
    put_npy("s/tokens.npy", 1, 13, 5);
    put_text("s/scene.json",
             "{\"maps\": [{\"file\": \"map.bin\", \"shape\": [5, 4, 3], \"dtype\": \"u1\", "
             "\"offset\": 2, \"layout\": \"CHW\"},"
             "{\"file\": \"tokens.npy\", \"layout\": \"NLC\", \"grid\": [3, 4], \"skip\": 1}]}");
    struct fl_catalogue *catalogue = open_one("s");
    expect_content(catalogue, "s(map,tokens)");
    EXPECT(facts_of(catalogue, "s/map")->w == 3 && facts_of(catalogue, "s/map")->d == 5);
    EXPECT(facts_of(catalogue, "s/tokens")->w == 4 && facts_of(catalogue, "s/tokens")->d == 5);
    fl_catalogue_close(catalogue);
}

int main(void)
{
    fl_log_set_level(FL_LOG_ERROR);
    RUN_IN_FOLDER(test_the_arrays_of_an_archive_are_layers);
    RUN_IN_FOLDER(test_a_picture_beside_an_archive_stands_over_the_one_in_it);
    RUN_IN_FOLDER(test_scene_json_chooses_an_array);
    RUN_IN_FOLDER(test_a_tie_in_an_archive_is_the_arrays_own);
    RUN_IN_FOLDER(test_a_picture_alone_gets_its_filter_bank);
    RUN_IN_FOLDER(test_wavelengths_of_good_bands_are_the_axis);
    RUN_IN_FOLDER(test_a_cube_and_its_header_are_one_map);
    RUN_IN_FOLDER(test_cells_to_ignore_are_invalid);
    RUN_IN_FOLDER(test_words_behind_a_path_tell_of_its_file);
    RUN_IN_FOLDER(test_scene_json_tells_of_raw_files_and_tokens);
    return 0;
}
