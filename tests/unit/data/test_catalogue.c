#include "scenes.h"

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

static void test_foreign_formats_are_refused_by_name(void)
{
    static const struct {
        const char *name, *says;
    } cases[] = {
        {"a.pt", "a PyTorch file"},
        {"a.pth", "farlook.push()"},
        {"a.ckpt", "PyTorch"},
        {"a.tif", "a TIFF file"},
        {"a.TIFF", "client/python"},
        {"a.h5", "an HDF5 file"},
        {"a.hdf5", "farlook.push()"},
        {"a.he5", "HDF5"},
        {"a.nc", "a NetCDF file"},
        {"a.mat", "a MATLAB file"},
        {"a.parquet", "farlook.push()"},
        {"a.txt", "a JPEG, a PNG or a directory"},
        {"a", "a JPEG, a PNG or a directory"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_text(cases[i].name, "x");
        expect_refused(cases[i].name, FL_ERR_UNSUPPORTED, cases[i].says);
        expect_refused(cases[i].name, FL_ERR_UNSUPPORTED, cases[i].name);
    }
    make_dir("a.zarr");
    expect_refused("a.zarr", FL_ERR_UNSUPPORTED, "farlook.push()");
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

int main(void)
{
    RUN_IN_FOLDER(test_a_file_alone_is_a_scene);
    RUN_IN_FOLDER(test_a_directory_with_a_picture_is_one_scene);
    RUN_IN_FOLDER(test_any_other_directory_holds_scenes);
    RUN_IN_FOLDER(test_equal_names_are_counted);
    RUN_IN_FOLDER(test_foreign_formats_are_refused_by_name);
    RUN_IN_FOLDER(test_what_cannot_be_read_is_left_out_while_others_can);
    RUN_IN_FOLDER(test_names_that_cannot_travel_are_refused);
    RUN_IN_FOLDER(test_the_layout_option_decides_ties);
    RUN_IN_FOLDER(test_maps_are_found_by_scene_and_layer);
    RUN(test_without_a_path_there_is_the_demo);
    return 0;
}
