#include "server/data/npy.h"

#include "files.h"

#include <jansson.h>
#include <limits.h>

// Maps of real networks against what NumPy found in them. Their channel axis is found by the
// photograph alone.

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    EXPECT(text);
    return text;
}

static double number_of(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);

    EXPECT(json_is_number(number));
    return json_number_value(number);
}

static struct fl_layout_hint hint_of(const json_t *manifest, const char *photo)
{
    const json_t *photos = json_object_get(manifest, "photos");
    struct fl_layout_hint hint = {.layout = FL_LAYOUT_AUTO};

    for (size_t i = 0; i < json_array_size(photos); i++) {
        const json_t *it = json_array_get(photos, i), *size = json_object_get(it, "size");
        if (strcmp(text_of(it, "file"), photo) != 0)
            continue;
        for (size_t k = 0; k < 2; k++)
            hint.size[k] = json_number_value(json_array_get(size, k));
    }
    EXPECT(hint.size[0] > 0);
    return hint;
}

static void check(const json_t *manifest, const json_t *it, const char *path)
{
    struct fl_layout_hint hint = hint_of(manifest, text_of(it, "photo"));
    struct fl_map_source source;
    struct fl_error error = {0};

    if (fl_npy_open(path, &hint, &source, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    struct fl_map *map = fl_map_create("x", &source, (double[]){0, 0, 1, 1});
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_OK);
    const struct fl_map_facts *facts = fl_map_facts(map);
    const struct fl_map_stats *stats = fl_map_stats(map);
    EXPECT_INT(facts->w, number_of(it, "width"));
    EXPECT_INT(facts->h, number_of(it, "height"));
    EXPECT_INT(facts->d, number_of(it, "depth"));
    EXPECT(strcmp(facts->dtype, strcmp(text_of(it, "dtype"), "float16") == 0 ? "f2" : "f4") == 0);
    EXPECT((double)stats->min == number_of(it, "min"));
    EXPECT((double)stats->max == number_of(it, "max"));
    EXPECT_INT(stats->invalid, number_of(it, "zero_vectors"));
    fl_map_unref(map);
}

int main(void)
{
    char path[PATH_MAX], name[256];
    int checked = 0;

    if (!find_data("manifest.json", path, sizeof path))
        return TEST_SKIPPED;
    json_t *manifest = json_load_file(path, 0, NULL);
    const json_t *maps = json_object_get(manifest, "maps");
    for (size_t i = 0; i < json_array_size(maps); i++) {
        const json_t *it = json_array_get(maps, i);
        snprintf(name, sizeof name, "maps/%s", text_of(it, "file"));
        if (!find_data(name, path, sizeof path))
            continue;
        fprintf(stderr, "%s\n", name);
        check(manifest, it, path);
        checked++;
    }
    json_decref(manifest);
    EXPECT(checked > 0);
    return 0;
}
