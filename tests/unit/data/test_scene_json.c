#include "scenes.h"

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

static const struct {
    const char *json, *says;
    enum fl_err err;
} bad_scenes[] = {
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
    {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": [0, 0, 1, \"1\"]}]}", "x0 < x1", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"extent\": 5}]}", "x0 < x1", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": \"WHC\"}]}", "\"layout\"", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": 1}]}", "\"layout\"", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"array\": 1}]}", "\"array\" must", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"grid\": [6, 8]}]}", "say layout NLC", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": \"NLC\"}]}", "say grid too", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": \"NLC\", \"grid\": [6, 8, 1]}]}",
     "\"grid\" takes", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"layout\": \"NLC\", \"grid\": [6, \"8\"]}]}",
     "\"grid\" must be", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"grid\": []}]}", "\"grid\" must be", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"skip\": 1.5}]}", "\"skip\" must be", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"skip\": -1}]}", "\"skip\" takes", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"dtype\": \"f4\"}]}", "tells its dtype itself",
     FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"offset\": 8}]}", "are for raw files", FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"a.npy\", \"shape\": [6, 8, 30]}]}", "needs its shape and dtype",
     FL_ERR_FORMAT},
    {"{\"maps\": [{\"file\": \"none.npy\"}]}", "none.npy", FL_ERR_NOT_FOUND},
    {"{\"maps\": [{\"file\": \"scene.json\"}]}", "scene.json", FL_ERR_UNSUPPORTED},
};

static void test_bad_scene_json_is_refused(void)
{
    make_dir("s");
    put_npy("s/a.npy", 6, 8, 30);
    for (size_t i = 0; i < sizeof bad_scenes / sizeof *bad_scenes; i++) {
        put_text("s/scene.json", bad_scenes[i].json);
        expect_refused("s", bad_scenes[i].err, bad_scenes[i].says);
    }
}

int main(void)
{
    RUN_IN_FOLDER(test_scene_json_names_layers_extents_and_layouts);
    RUN_IN_FOLDER(test_bad_scene_json_is_refused);
    return 0;
}
