#include "server/data/catalogue.h"

#include "files.h"
#include "npy_files.h"

#include <limits.h>
#include <sys/stat.h>

static struct folder root; // a new one for each test

static const char *at(const char *name)
{
    static char paths[4][PATH_MAX]; // several in one expression
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, PATH_MAX, "%s%s%s", root.path, *name ? "/" : "", name);
    return path;
}

static void make_dir(const char *name)
{
    EXPECT_INT(mkdir(at(name), 0700), 0);
}

static void put_text(const char *name, const char *text)
{
    save_bytes(at(name), text, strlen(text));
}

// u1 of this shape, all ones; at most 3500 values.
static void put_npy(const char *name, int a, int b, int c)
{
    char dict[128];
    uint8_t ones[3500];

    memset(ones, 1, sizeof ones);
    snprintf(dict, sizeof dict, "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d)}",
             a, b, c);
    struct bytes file = npy_of(1, dict, ones, (size_t)a * (size_t)b * (size_t)c);
    save_bytes(at(name), file.at, file.len);
}

static void put_buf(const char *name, struct fl_buf *buf)
{
    save_bytes(at(name), fl_buf_bytes(buf), fl_buf_len(buf));
    fl_buf_unref(buf);
}

static void put_picture(const char *name, int w, int h)
{
    uint8_t *rgb = calloc((size_t)w * (size_t)h, 3);

    EXPECT(rgb);
    put_buf(name, make_jpeg(w, h, TJPF_RGB, rgb, 0));
    free(rgb);
}

// 2 x 3 cells with 4 channels of 8 bits; its picture, if any, is 20 x 30.
static void put_ifealid(const char *name, bool overlay)
{
    static const uint8_t rgba[2 * 3 * 4] = {1}, rgb[20 * 30 * 3] = {0};
    char json[160];

    snprintf(json, sizeof json,
             "{\"name\": \"n\", \"width\": 2, \"height\": 3, \"features\": 4, \"precision\": 8, "
             "\"overlay\": %s}",
             overlay ? "true" : "false");
    struct zip_entry entries[] = {
        {.name = "metadata.json", .bytes = buf_of(json, strlen(json))},
        {.name = "0.png", .bytes = make_rgba_png(2, 3, rgba)},
        {.name = "overlay.jpg", .bytes = make_jpeg(20, 30, TJPF_RGB, rgb, 0)},
    };
    put_buf(name, make_zip(entries, overlay ? 3 : 2));
    for (size_t i = 0; i < 3; i++)
        fl_buf_unref(entries[i].bytes);
}

static enum fl_err open_all(const char *const *names, size_t n, struct fl_catalogue **out,
                            struct fl_error *error)
{
    static const struct fl_catalogue_options options;
    char paths[4][PATH_MAX], *list[4];

    EXPECT(n <= 4);
    for (size_t i = 0; i < n; i++) {
        snprintf(paths[i], PATH_MAX, "%s", at(names[i]));
        list[i] = paths[i];
    }
    return fl_catalogue_open(list, n, &options, out, error);
}

static struct fl_catalogue *open_one(const char *name)
{
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};

    if (open_all(&name, 1, &catalogue, &error)) {
        fprintf(stderr, "%s: %s\n", name, error.text);
        exit(1);
    }
    return catalogue;
}

static void expect_refused(const char *name, enum fl_err code, const char *says)
{
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};
    enum fl_err err = open_all(&name, 1, &catalogue, &error);

    if (err != code || error.code != code || catalogue || !strstr(error.text, says)) {
        fprintf(stderr, "%s: %d, expected %d, %s; %s\n", name, err, code, says, error.text);
        exit(1);
    }
}

// The scenes and layers as one text: "coast(conv4,conv5) photo(filter-bank)".
static void expect_content(const struct fl_catalogue *catalogue, const char *want)
{
    char got[1024] = "";

    for (size_t i = 0; i < fl_catalogue_count(catalogue); i++) {
        const struct fl_scene *scene = fl_catalogue_scene(catalogue, i);
        size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s%s(", i ? " " : "", scene->name);
        for (size_t k = 0; k < scene->n_maps; k++) {
            len = strlen(got);
            snprintf(got + len, sizeof got - len, "%s%s", k ? "," : "",
                     fl_map_facts(scene->maps[k])->name);
        }
        strncat(got, ")", sizeof got - strlen(got) - 1);
    }
    if (strcmp(got, want) != 0) {
        fprintf(stderr, "got %s\nnot %s\n", got, want);
        exit(1);
    }
}

static void expect_extent(const struct fl_catalogue *catalogue, const char *name, double x0,
                          double y0, double x1, double y1)
{
    const struct fl_scene *scene = NULL;
    struct fl_map *map = fl_catalogue_find_map(catalogue, name, &scene);

    EXPECT(map && scene);
    const double *extent = fl_map_facts(map)->extent;
    EXPECT(extent[0] == x0 && extent[1] == y0 && extent[2] == x1 && extent[3] == y1);
}

static void test_a_file_alone_is_a_scene(void)
{
    put_npy("conv4.NPY", 3, 5, 7);
    put_picture("photo.v2.jpeg", 41, 33);
    put_ifealid("with.C1.npz.8.zip", true);
    put_ifealid("without.zip", false);

    struct fl_catalogue *catalogue = open_one("conv4.NPY");
    expect_content(catalogue, "conv4(conv4)");
    expect_extent(catalogue, "conv4/conv4", 0, 0, 5, 3);
    EXPECT(!fl_catalogue_scene(catalogue, 0)->picture);
    EXPECT(strcmp(fl_map_facts(fl_catalogue_scene(catalogue, 0)->maps[0])->dtype, "u1") == 0);
    fl_catalogue_close(catalogue);

    catalogue = open_one("photo.v2.jpeg");
    expect_content(catalogue, "photo.v2(filter-bank)");
    expect_extent(catalogue, "photo.v2/filter-bank", 0, 0, 41, 33);
    EXPECT_INT(fl_picture_w(fl_catalogue_scene(catalogue, 0)->picture), 41);
    fl_catalogue_close(catalogue);

    catalogue = open_one("with.C1.npz.8.zip");
    expect_content(catalogue, "with.C1.npz.8(with.C1.npz.8)");
    expect_extent(catalogue, "with.C1.npz.8/with.C1.npz.8", 0, 0, 20, 30);
    fl_catalogue_close(catalogue);

    catalogue = open_one("without.zip");
    expect_extent(catalogue, "without/without", 0, 0, 2, 3);
    fl_catalogue_close(catalogue);
}

static void test_a_directory_with_a_picture_is_one_scene(void)
{
    make_dir("coast");
    put_picture("coast/picture.JPG", 40, 30);
    put_npy("coast/conv10.npy", 3, 4, 9);
    put_npy("coast/conv2.npy", 6, 8, 30);
    put_npy("coast/chw.npy", 9, 6, 8);
    put_npy("coast/.hidden.npy", 3, 4, 9);
    put_text("coast/notes.txt", "seen from the pier");
    put_picture("coast/other.jpg", 4, 3);
    make_dir("coast/older");
    put_npy("coast/older/conv2.npy", 3, 4, 9);

    static const char *const ways[] = {"coast", "coast/", "coast/older/..", "coast/."};
    for (size_t i = 0; i < 4; i++) {
        struct fl_catalogue *catalogue = open_one(ways[i]);
        expect_content(catalogue, "coast(chw,conv2,conv10)");
        expect_extent(catalogue, "coast/conv10", 0, 0, 40, 30);
        const struct fl_scene *scene = fl_catalogue_find(catalogue, "coast");
        EXPECT(scene && fl_picture_h(scene->picture) == 30);
        EXPECT(fl_map_facts(scene->maps[0])->d == 9 && fl_map_facts(scene->maps[0])->w == 8);
        fl_catalogue_close(catalogue);
    }
}

static void test_any_other_directory_holds_scenes(void)
{
    make_dir("all");
    make_dir("all/coast2");
    make_dir("all/coast10");
    make_dir("all/empty");
    put_picture("all/coast10/picture.png.jpg", 8, 6); // not picture.*
    put_npy("all/coast10/b.npy", 3, 4, 9);
    put_npy("all/coast10/a.npy", 6, 8, 2);
    put_picture("all/coast2/picture.jpeg", 8, 6);
    put_npy("all/alone.npy", 3, 4, 9);
    put_picture("all/photo.jpg", 40, 40);
    put_text("all/readme", "");
    put_text("all/.secret.npy", "");

    struct fl_catalogue *catalogue = open_one("all");
    expect_content(catalogue, "alone(alone) coast2(filter-bank) coast10(a,b) photo(filter-bank)");
    // Without a picture all layers cover what the first one does.
    expect_extent(catalogue, "coast10/a", 0, 0, 8, 6);
    expect_extent(catalogue, "coast10/b", 0, 0, 8, 6);
    fl_catalogue_close(catalogue);
}

static void test_equal_names_are_counted(void)
{
    make_dir("x");
    make_dir("y");
    make_dir("x/a");
    put_npy("x/a.npy", 3, 4, 9);
    put_npy("x/a/l.npy", 3, 4, 9);
    put_ifealid("x/a/l.zip", false);
    put_npy("x/a-2.npy", 3, 4, 9);
    put_npy("y/a.npy", 3, 4, 9);

    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};
    EXPECT_INT(open_all((const char *const[]){"x", "y"}, 2, &catalogue, &error), FL_OK);
    expect_content(catalogue, "a-2(a-2) a(a) a-3(l,l-2) a-4(a)");
    fl_catalogue_close(catalogue);
}

static void test_scene_json_names_layers_extents_and_layouts(void)
{
    make_dir("s");
    make_dir("s/deep");
    put_picture("s/p.jpg", 40, 30);
    put_npy("s/deep/one.npy", 6, 8, 30);
    put_npy("s/cube.npy", 9, 9, 9);
    put_npy("s/left.npy", 9, 9, 30);
    put_npy("s/not-named.npy", 6, 8, 30);
    put_text("s/scene.json",
             "{\"picture\": \"p.jpg\", \"maps\": ["
             "{\"file\": \"cube.npy\", \"layout\": \"CHW\", \"name\": \"the cube\"},"
             "{\"file\": \"deep/one.npy\", \"extent\": [-2, 0.5, 43, 31]},"
             "{\"file\": \"left.npy\", \"extent\": [0, 0, 30, 30]}]}");

    struct fl_catalogue *catalogue = open_one("s");
    expect_content(catalogue, "s(the cube,one,left)");
    expect_extent(catalogue, "s/the cube", 0, 0, 40, 30);
    expect_extent(catalogue, "s/one", -2, 0.5, 43, 31);
    fl_catalogue_close(catalogue);

    // What it leaves open is as without it.
    put_text("s/scene.json", "{\"picture\": \"p.jpg\"}");
    EXPECT_INT(unlink(at("s/cube.npy")), 0);
    EXPECT_INT(unlink(at("s/left.npy")), 0);
    catalogue = open_one("s");
    expect_content(catalogue, "s(not-named)");
    EXPECT_INT(fl_picture_w(fl_catalogue_scene(catalogue, 0)->picture), 40);
    fl_catalogue_close(catalogue);
    put_text("s/scene.json", "{}");
    catalogue = open_one("s");
    EXPECT(!fl_catalogue_scene(catalogue, 0)->picture);
    fl_catalogue_close(catalogue);
}

static void test_bad_scene_json_is_refused(void)
{
    static const struct {
        const char *json, *says;
        enum fl_err err;
    } cases[] = {
        {"", "not JSON", FL_ERR_FORMAT},
        {"{\"maps\": [}", "not JSON", FL_ERR_FORMAT},
        {"{\"picture\": \"a\", \"picture\": \"b\"}", "not JSON", FL_ERR_FORMAT},
        {"[]", "must be {", FL_ERR_FORMAT},
        {"{\"maps\": {}}", "must be {", FL_ERR_FORMAT},
        {"{\"maps\": []}", "must be {", FL_ERR_FORMAT},
        {"{\"layers\": []}", "\"layers\" is not a key", FL_ERR_FORMAT},
        {"{\"picture\": 1}", "\"picture\" must be the name of a file", FL_ERR_FORMAT},
        {"{\"picture\": \"/etc/passwd\"}", "outside the scene's directory", FL_ERR_FORMAT},
        {"{\"picture\": \"none.jpg\"}", "none.jpg", FL_ERR_NOT_FOUND},
        {"{\"maps\": [1]}", "must be an object", FL_ERR_FORMAT},
        {"{\"maps\": [{}]}", "\"file\" must be the name of a file", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"\"}]}", "\"file\" must be the name of a file", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": [\"a.npy\"]}]}", "\"file\" must be", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"../a.npy\"}]}", "outside", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"d/../../a.npy\"}]}", "outside", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"..\"}]}", "outside", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"d/..\"}]}", "outside", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"array\": \"x\"}]}", "\"array\"", FL_ERR_UNSUPPORTED},
        {"{\"maps\": [{\"file\": \"a.npy\", \"extend\": [0, 0, 1, 1]}]}", "\"extend\" is not a key",
         FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"name\": 3}]}", "\"name\" must be", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"name\": \"\"}]}", "name is 1 to", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"name\": \"a/b\"}]}", "name is 1 to", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"name\": \"..\"}]}", "name is 1 to", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": [0, 0, 1]}]}", "x0 < x1", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": [0, 0, 0, 1]}]}", "x0 < x1", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": [0, 2, 1, 1]}]}", "x0 < x1", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": [0, 0, 1, \"1\"]}]}", "x0 < x1",
         FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": 5}]}", "x0 < x1", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": \"WHC\"}]}", "\"layout\"", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": 1}]}", "\"layout\"", FL_ERR_FORMAT},
        {"{\"maps\": [{\"file\": \"none.npy\"}]}", "none.npy", FL_ERR_NOT_FOUND},
        {"{\"maps\": [{\"file\": \"scene.json\"}]}", "scene.json", FL_ERR_UNSUPPORTED},
    };

    make_dir("s");
    put_npy("s/a.npy", 6, 8, 30);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_text("s/scene.json", cases[i].json);
        expect_refused("s", cases[i].err, cases[i].says);
    }
}

static void test_foreign_formats_are_refused_by_name(void)
{
    static const struct {
        const char *name, *says;
    } cases[] = {
        {"a.npz", "NumPy archive"},
        {"a.safetensors", "safetensors"},
        {"a.pt", "PyTorch"},
        {"a.hdr", "ENVI"},
        {"a.tif", "TIFF"},
        {"a.TIFF", "TIFF"},
        {"a.h5", "HDF5"},
        {"a.nc", "NetCDF"},
        {"a.mat", "MATLAB"},
        {"a.txt", "a JPEG, a PNG or a directory"},
        {"a", "a JPEG, a PNG or a directory"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_text(cases[i].name, "x");
        expect_refused(cases[i].name, FL_ERR_UNSUPPORTED, cases[i].says);
        expect_refused(cases[i].name, FL_ERR_UNSUPPORTED, cases[i].name);
    }
    make_dir("a.zarr");
    expect_refused("a.zarr", FL_ERR_UNSUPPORTED, "zarr");
    make_dir("d");
    make_dir("d/b.zarr");
    put_npy("d/b.zarr/x.npy", 3, 4, 5);
    expect_refused("d", FL_ERR_UNSUPPORTED, "zarr");
}

static void test_what_cannot_be_read_is_left_out_while_others_can(void)
{
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};

    make_dir("s");
    put_picture("s/picture.jpg", 40, 30);
    put_text("s/broken.npy", "no NumPy");
    put_npy("s/tie.npy", 9, 9, 9);
    put_npy("s/good.npy", 6, 8, 30);
    put_npy("good.npy", 6, 8, 30);
    put_text("broken.npy", "no NumPy");
    put_text("broken.zip", "no zip");
    put_text("broken.jpg", "no JPEG");

    EXPECT_INT(open_all((const char *const[]){"broken.npy", "s", "none", "good.npy"}, 4, &catalogue,
                        &error),
               FL_OK);
    expect_content(catalogue, "s(good) good(good)");
    fl_catalogue_close(catalogue);

    EXPECT_INT(open_all((const char *const[]){"broken.zip", "broken.npy"}, 2, &catalogue, &error),
               FL_ERR_FORMAT);
    EXPECT(strstr(error.text, "broken.zip"));
    expect_refused("broken.jpg", FL_ERR_FORMAT, "broken.jpg");
    expect_refused("none", FL_ERR_NOT_FOUND, "none cannot be opened");
    make_dir("empty");
    expect_refused("empty", FL_ERR_NOT_FOUND, "holds nothing to show");
    EXPECT_INT(unlink(at("s/good.npy")), 0);
    EXPECT_INT(unlink(at("s/broken.npy")), 0);
    expect_refused("s", FL_ERR_TIE, "tie.npy");
}

static void test_names_that_cannot_travel_are_refused(void)
{
    char name[160];

    snprintf(name, sizeof name, "%0121d.npy", 1);
    put_npy(name, 3, 4, 9);
    expect_refused(name, FL_ERR_FORMAT, "rename it");
    put_npy("\xff\xfe.npy", 3, 4, 9);
    expect_refused("\xff\xfe.npy", FL_ERR_FORMAT, "rename it");
    put_npy("line\nbreak.npy", 3, 4, 9);
    expect_refused("line\nbreak.npy", FL_ERR_FORMAT, "rename it");
    put_npy("Küste \"1\" %2f.npy", 3, 4, 9);
    struct fl_catalogue *catalogue = open_one("Küste \"1\" %2f.npy");
    expect_content(catalogue, "Küste \"1\" %2f(Küste \"1\" %2f)");
    fl_catalogue_close(catalogue);
}

static void test_the_layout_option_decides_ties(void)
{
    struct fl_catalogue_options options = {.layout = FL_LAYOUT_CHW};
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};
    char path[PATH_MAX];

    make_dir("s");
    put_picture("s/picture.jpg", 40, 40);
    put_npy("s/cube.npy", 9, 10, 9);
    expect_refused("s", FL_ERR_TIE, "--layout");
    snprintf(path, sizeof path, "%s", at("s"));
    EXPECT_INT(fl_catalogue_open((char *[]){path}, 1, &options, &catalogue, &error), FL_OK);
    const struct fl_map_facts *facts = fl_map_facts(fl_catalogue_scene(catalogue, 0)->maps[0]);
    EXPECT(facts->w == 9 && facts->h == 10 && facts->d == 9);
    fl_catalogue_close(catalogue);
}

static void test_maps_are_found_by_scene_and_layer(void)
{
    const struct fl_scene *scene = NULL;

    make_dir("s");
    put_picture("s/picture.jpg", 40, 30);
    put_npy("s/a.npy", 6, 8, 30);
    struct fl_catalogue *catalogue = open_one("s");
    struct fl_map *map = fl_catalogue_find_map(catalogue, "s/a", &scene);
    EXPECT(map && map == scene->maps[0] && scene == fl_catalogue_find(catalogue, "s"));
    static const char *const none[] = {"s", "s/", "/a", "s/b", "t/a", "s/a/", "", "ss/a"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        EXPECT(!fl_catalogue_find_map(catalogue, none[i], &scene));
    EXPECT(!fl_catalogue_find(catalogue, "t"));
    fl_catalogue_close(catalogue);
}

static void test_without_a_path_there_is_the_demo(void)
{
    static const struct fl_catalogue_options options;
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_catalogue_open(NULL, 0, &options, &catalogue, &error), FL_OK);
    expect_content(catalogue, "demo(fine,coarse)");
    EXPECT(fl_catalogue_scene(catalogue, 0)->picture);
    fl_catalogue_close(catalogue);
}

static void with_folder(void (*test)(void))
{
    root = make_folder();
    test();
    remove_folder(&root);
}

#define RUN_IN_FOLDER(test)                                                                        \
    do {                                                                                           \
        fprintf(stderr, "%s\n", #test);                                                            \
        with_folder(test);                                                                         \
    } while (0)

int main(void)
{
    RUN_IN_FOLDER(test_a_file_alone_is_a_scene);
    RUN_IN_FOLDER(test_a_directory_with_a_picture_is_one_scene);
    RUN_IN_FOLDER(test_any_other_directory_holds_scenes);
    RUN_IN_FOLDER(test_equal_names_are_counted);
    RUN_IN_FOLDER(test_scene_json_names_layers_extents_and_layouts);
    RUN_IN_FOLDER(test_bad_scene_json_is_refused);
    RUN_IN_FOLDER(test_foreign_formats_are_refused_by_name);
    RUN_IN_FOLDER(test_what_cannot_be_read_is_left_out_while_others_can);
    RUN_IN_FOLDER(test_names_that_cannot_travel_are_refused);
    RUN_IN_FOLDER(test_the_layout_option_decides_ties);
    RUN_IN_FOLDER(test_maps_are_found_by_scene_and_layer);
    RUN(test_without_a_path_there_is_the_demo);
    return 0;
}
