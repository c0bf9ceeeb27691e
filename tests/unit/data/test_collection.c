// What the paths hold, as it changes: what is shared, what is newer, what was kept alive by others.
#include "scenes.h"

#include "server/data/collection.h"

#include <fcntl.h>

static struct fl_collection *open_folder(void)
{
    char path[PATH_MAX];
    char *paths[] = {path};
    static const struct fl_catalogue_options options;
    struct fl_collection *collection = NULL;
    struct fl_error error = {0};

    snprintf(path, sizeof path, "%s", at(""));
    EXPECT_INT(fl_collection_open(paths, 1, &options, &collection, &error), FL_OK);
    fl_collection_say_all(collection);
    return collection;
}

static void expect_shown(const struct fl_collection *collection, const char *want)
{
    struct fl_catalogue *catalogue = fl_collection_show(collection);

    expect_content(catalogue, want);
    fl_catalogue_close(catalogue);
}

static struct fl_map *map_of(const struct fl_collection *collection, const char *scene,
                             const char *layer)
{
    const struct fl_scene *found = fl_collection_find_name(collection, scene);
    struct fl_map *map = found ? fl_scene_find_map(found, layer) : NULL;

    EXPECT(map);
    return map;
}

// A file is taken at the second look that finds it the same.
static void look_twice(struct fl_collection *collection, bool changes)
{
    EXPECT(!fl_collection_look(collection));
    EXPECT_INT(fl_collection_look(collection), changes);
    EXPECT(!fl_collection_look(collection));
}

static void test_a_new_file_is_taken_when_it_stopped_changing(void)
{
    put_npy("a10.npy", 3, 4, 5);
    struct fl_collection *collection = open_folder();

    expect_shown(collection, "a10(a10)");
    EXPECT(!fl_collection_look(collection));
    put_npy("a2.npy", 3, 4, 5);
    EXPECT(!fl_collection_look(collection));
    put_npy("a2.npy", 3, 4, 6); // still being written
    EXPECT(!fl_collection_look(collection));
    EXPECT(fl_collection_look(collection));
    expect_shown(collection, "a2(a2) a10(a10)");
    EXPECT_INT(fl_map_facts(map_of(collection, "a2", "a2"))->d, 6);
    EXPECT(!fl_collection_look(collection));
    fl_collection_close(collection);
}

static void test_a_replaced_map_is_newer_and_the_old_one_lives_on(void)
{
    make_dir("s");
    put_npy("s/a.npy", 3, 4, 5);
    put_npy("s/b.npy", 3, 4, 5);
    struct fl_collection *collection = open_folder();
    struct fl_catalogue *before = fl_collection_show(collection);
    struct fl_map *a = fl_map_ref(map_of(collection, "s", "a")), *b = map_of(collection, "s", "b");
    struct fl_error error = {0};

    EXPECT_INT(fl_map_load(a, FL_NORMS_ZERO, &error), FL_OK);
    put_npy("s/next", 3, 4, 9);
    rename(at("s/next"), at("s/a.npy"));
    look_twice(collection, true);
    EXPECT(map_of(collection, "s", "b") == b); // as it was
    EXPECT(map_of(collection, "s", "a") != a);
    EXPECT_INT(fl_map_facts(map_of(collection, "s", "a"))->rev, 2);
    EXPECT_INT(fl_map_facts(map_of(collection, "s", "a"))->d, 9);
    EXPECT_INT(fl_map_facts(b)->rev, 1);
    // A file that another one replaced stays readable for those who still hold the map.
    float vector[5] = {0};
    EXPECT(!fl_map_gone(a));
    fl_map_read_vector(a, 1, 1, vector);
    EXPECT(vector[0] == 1 && vector[4] == 1);
    fl_collection_close(collection);
    EXPECT_INT(fl_map_facts(fl_catalogue_scene(before, 0)->maps[0])->d, 5);
    fl_catalogue_close(before);
    fl_map_read_vector(a, 2, 1, vector);
    fl_map_unref(a);
}

static void test_a_map_is_not_newer_because_of_what_begins_like_it(void)
{
    make_dir("s");
    put_npy("s/net.conv3.npy", 3, 4, 5);
    put_npy("s/net.conv4.npy", 3, 4, 5);
    struct fl_collection *collection = open_folder();
    struct fl_map *conv3 = map_of(collection, "s", "net.conv3");

    put_npy("s/net.conv4.npy", 3, 4, 9);
    put_text("s/net.txt", "notes");
    look_twice(collection, true);
    EXPECT_INT(fl_map_facts(map_of(collection, "s", "net.conv4"))->rev, 2);
    EXPECT(map_of(collection, "s", "net.conv3") == conv3);
    fl_collection_close(collection);
}

static void test_what_comes_back_is_newer_than_it_was(void)
{
    put_npy("a.npy", 3, 4, 5);
    put_npy("b.npy", 3, 4, 5);
    struct fl_collection *collection = open_folder();

    for (uint32_t rev = 2; rev < 5; rev++) {
        unlink(at("a.npy"));
        look_twice(collection, true);
        expect_shown(collection, "b(b)");
        put_npy("a.npy", 3, 4, 5);
        look_twice(collection, true);
        EXPECT_INT(fl_map_facts(map_of(collection, "a", "a"))->rev, rev);
    }
    EXPECT_INT(fl_map_facts(map_of(collection, "b", "b"))->rev, 1);
    fl_collection_close(collection);
}

static void test_what_cannot_be_read_is_not_shown_until_it_can(void)
{
    put_npy("a.npy", 3, 4, 5);
    put_npy("b.npy", 3, 4, 5);
    struct fl_collection *collection = open_folder();

    put_text("a.npy", "no map");
    look_twice(collection, true);
    expect_shown(collection, "b(b)");
    put_text("a.npy", "no map either");
    look_twice(collection, false);
    put_npy("a.npy", 3, 4, 5);
    look_twice(collection, true);
    expect_shown(collection, "a(a) b(b)");
    fl_collection_close(collection);
}

static void test_a_picture_makes_a_scene_newer_and_its_maps_larger(void)
{
    make_dir("s");
    put_npy("s/a.npy", 3, 4, 9);
    struct fl_collection *collection = open_folder();
    const struct fl_scene *scene = fl_scene_ref(fl_collection_find_name(collection, "s"));

    put_picture("s/picture.jpg", 40, 30);
    look_twice(collection, true);
    const struct fl_scene *now = fl_collection_find_name(collection, "s");
    EXPECT_INT(now->rev, scene->rev + 1);
    EXPECT(fl_map_facts(now->maps[0])->extent[2] == 40);
    EXPECT_INT(fl_map_facts(now->maps[0])->rev, 2);
    EXPECT(!scene->picture && fl_map_facts(scene->maps[0])->extent[2] == 4); // for its holders
    struct fl_picture *picture = now->picture;
    put_npy("s/b.npy", 3, 4, 9);
    look_twice(collection, true);
    now = fl_collection_find_name(collection, "s");
    EXPECT(now->picture == picture);
    EXPECT_INT(now->rev, scene->rev + 1);
    fl_scene_unref(scene);
    fl_collection_close(collection);
}

static void test_one_path_can_be_taken_at_once(void)
{
    char path[PATH_MAX];

    put_npy("a.npy", 3, 4, 5);
    struct fl_collection *collection = open_folder();
    make_dir("s");
    put_npy("s/m.npy", 3, 4, 5);
    put_npy("z.npy", 3, 4, 5);
    snprintf(path, sizeof path, "%s", at("s"));
    EXPECT(fl_collection_look_at(collection, path));
    expect_shown(collection, "a(a) s(m)");
    EXPECT(fl_collection_find(collection, path) == fl_collection_find_name(collection, "s"));
    EXPECT(!fl_collection_look_at(collection, path));
    unlink(at("s/m.npy"));
    rmdir(at("s"));
    EXPECT(fl_collection_look_at(collection, path));
    expect_shown(collection, "a(a)");
    EXPECT(!fl_collection_find(collection, path));
    fl_collection_look(collection);
    fl_collection_look(collection);
    expect_shown(collection, "a(a) z(z)");
    fl_collection_close(collection);
}

static void test_names_stay_while_their_files_do(void)
{
    put_npy("a.npy", 3, 4, 5);
    put_ifealid("a.zip", false);
    struct fl_collection *collection = open_folder();

    expect_shown(collection, "a(a) a-2(a)");
    unlink(at("a.npy"));
    look_twice(collection, true);
    expect_shown(collection, "a-2(a)");
    put_npy("a.npy", 3, 4, 5);
    look_twice(collection, true);
    expect_shown(collection, "a(a) a-2(a)");
    fl_collection_close(collection);
}

int main(void)
{
    RUN_IN_FOLDER(test_a_new_file_is_taken_when_it_stopped_changing);
    RUN_IN_FOLDER(test_a_replaced_map_is_newer_and_the_old_one_lives_on);
    RUN_IN_FOLDER(test_a_map_is_not_newer_because_of_what_begins_like_it);
    RUN_IN_FOLDER(test_what_comes_back_is_newer_than_it_was);
    RUN_IN_FOLDER(test_what_cannot_be_read_is_not_shown_until_it_can);
    RUN_IN_FOLDER(test_a_picture_makes_a_scene_newer_and_its_maps_larger);
    RUN_IN_FOLDER(test_one_path_can_be_taken_at_once);
    RUN_IN_FOLDER(test_names_stay_while_their_files_do);
    return 0;
}
