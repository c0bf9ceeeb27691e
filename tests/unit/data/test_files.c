#include "server/data/file.h"

#include "files.h"
#include "npy_files.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <limits.h>

// Every format, type, order and variant that tests/data/make_files.py writes, value by value.

static struct folder folder; // filled by make_files.py

static char *in_folder(const char *name)
{
    static char paths[2][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 2];

    snprintf(path, PATH_MAX, "%s/%s", folder.path, name);
    return path;
}

// A path of the command line, words included.
static void open_path(const char *name, struct fl_layers *out)
{
    const char *path = in_folder(name);
    struct fl_spec spec = {0};
    struct fl_error error = {0};
    char *file = NULL;

    if (fl_spec_is_in(path) && fl_spec_split(path, &file, &spec, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    struct fl_layout_hint hint = fl_spec_hint(&spec, FL_LAYOUT_AUTO, (double[]){0, 0});
    if (!hint.layout)
        hint.size[1] = (hint.size[0] = 4) + 1; // as the maps are
    if (fl_file_open(file ? file : path, &spec, &hint, out, &error)) {
        fprintf(stderr, "%s: %s\n", name, error.text);
        exit(1);
    }
    free(file);
}

static struct fl_map_source *find_layer(struct fl_layers *layers, const char *name)
{
    for (size_t i = 0; i < layers->n; i++)
        if (!layers->at[i].name || strcmp(layers->at[i].name, name) == 0)
            return &layers->at[i].source;
    fprintf(stderr, "no layer %s\n", name);
    exit(1);
}

static bool same_value(float a, float b)
{
    return (isnan(a) && isnan(b)) || (a == b && !signbit(a) == !signbit(b));
}

struct line { // of maps.txt
    const char *path, *layer;
    int32_t w, h, d;
    bool in_place;
    const char *values;
};

static void compare_values(const struct line *line, const struct fl_map *map, const float *want)
{
    size_t w = (size_t)line->w, h = (size_t)line->h, d = (size_t)line->d;
    float *got = fl_calloc(w * h * d, sizeof *got), *vector = fl_calloc(d, sizeof *vector);

    fl_map_read_rows(map, 0, line->h, got);
    for (size_t i = 0; i < w * h * d; i++)
        if (!same_value(got[i], want[i])) {
            fprintf(stderr, "%s %s: value %zu is %.9g, expected %.9g\n", line->path, line->layer, i,
                    (double)got[i], (double)want[i]);
            exit(1);
        }
    for (size_t cell = 0; cell < w * h; cell++) {
        fl_map_read_vector(map, (int32_t)(cell % w), (int32_t)(cell / w), vector);
        for (size_t k = 0; k < d; k++)
            EXPECT(same_value(vector[k], want[cell * d + k]));
    }
    const float *in_place = fl_map_rows(map, 0);
    if ((in_place != NULL) != line->in_place || (in_place && memcmp(in_place, want, d * 4) != 0)) {
        fprintf(stderr, "%s %s: in place is %d\n", line->path, line->layer, in_place != NULL);
        exit(1);
    }
    free(vector);
    free(got);
}

static void compare_line(const struct line *line)
{
    struct fl_layers layers = {0};
    struct fl_error error = {0};
    size_t len = 0;

    open_path(line->path, &layers);
    struct fl_map_source *source = find_layer(&layers, line->layer);
    if (source->w != line->w || source->h != line->h || source->d != line->d) {
        fprintf(stderr, "%s %s: %d x %d x %d\n", line->path, line->layer, source->w, source->h,
                source->d);
        exit(1);
    }
    struct fl_map *map = fl_map_create(line->layer, source, (double[]){0, 0, line->w, line->h});
    if (fl_map_load(map, FL_NORMS_ZERO, &error)) {
        fprintf(stderr, "%s: %s\n", line->path, error.text);
        exit(1);
    }
    float *want = load_bytes(in_folder(line->values), &len);
    EXPECT(len == (size_t)line->w * (size_t)line->h * (size_t)line->d * sizeof *want);
    compare_values(line, map, want);
    free(want);
    fl_layers_finish(&layers); // the map outlives the file's other layers
    fl_map_unref(map);
}

static int32_t number_of(char **rest)
{
    return (int32_t)strtol(strtok_r(NULL, "\t", rest), NULL, 10);
}

static void test_values_are_those_of_the_files(void)
{
    FILE *list = fopen(in_folder("maps.txt"), "r");
    char text[PATH_MAX], *rest = NULL;
    int n = 0;

    EXPECT(list);
    for (; fgets(text, sizeof text, list); n++) {
        struct line line = {.path = strtok_r(text, "\t", &rest)};
        line.layer = strtok_r(NULL, "\t", &rest);
        line.w = number_of(&rest);
        line.h = number_of(&rest);
        line.d = number_of(&rest);
        line.in_place = number_of(&rest) == 1;
        line.values = strtok_r(NULL, "\t\n", &rest);
        compare_line(&line);
    }
    fclose(list);
    EXPECT_INT(n, 7 * 48 + 2 * 4 + 13 + 3 + 2 + 54 + 3 + 12 + 36 + 48 + 3 + 24 + 1 + 3);
}

static void compare_picture(const char *path, int32_t w, int32_t h, const char *values)
{
    struct fl_layers layers = {0};
    struct fl_error error = {0};
    size_t len = 0;

    open_path(path, &layers);
    EXPECT(layers.picture && layers.n > 0);
    EXPECT(fl_picture_w(layers.picture) == w && fl_picture_h(layers.picture) == h);
    EXPECT(!fl_picture_rgb(layers.picture));
    EXPECT_INT(fl_picture_load(layers.picture, &error), FL_OK);
    uint8_t *want = load_bytes(in_folder(values), &len);
    EXPECT(len == (size_t)w * (size_t)h * 3);
    if (memcmp(fl_picture_rgb(layers.picture), want, len) != 0) {
        fprintf(stderr, "%s: another picture\n", path);
        exit(1);
    }
    free(want);
    fl_layers_finish(&layers);
}

static void test_pictures_are_those_of_the_files(void)
{
    FILE *list = fopen(in_folder("pictures.txt"), "r");
    char text[PATH_MAX], *rest = NULL;
    int n = 0;

    EXPECT(list);
    for (; fgets(text, sizeof text, list); n++) {
        const char *path = strtok_r(text, "\t", &rest);
        int32_t w = number_of(&rest), h = number_of(&rest);
        compare_picture(path, w, h, strtok_r(NULL, "\t\n", &rest));
    }
    fclose(list);
    EXPECT_INT(n, 2 + 7 + 2);
}

static void test_layers_are_in_order(void)
{
    static const char *const natural[] = {"b1", "bf16", "f2", "f4", "f8", "i1", "i2",
                                          "i4", "i8",   "u1", "u2", "u4", "u8"};
    struct fl_layers layers = {0};

    open_path("all.safetensors", &layers); // in the file the widest types come first
    EXPECT_INT(layers.n, 13);
    for (size_t i = 0; i < layers.n; i++)
        EXPECT(strcmp(layers.at[i].name, natural[i]) == 0);
    fl_layers_finish(&layers);
    open_path("savez.npz", &layers);
    EXPECT_INT(layers.n, 4);
    for (size_t i = 0; i < layers.n; i++)
        EXPECT(layers.at[i].name[0] == "abcd"[i]);
    fl_layers_finish(&layers);
}

static bool has_numpy(void)
{
    return run_program((char *[]){(char[]){"/usr/bin/python3"}, (char[]){"-c"},
                                  (char[]){"import numpy"}, NULL}) == 0;
}

int main(void)
{
    const char *root = getenv("FARLOOK_SOURCE");
    char script[PATH_MAX];

    fl_log_set_level(FL_LOG_ERROR);
    if (!has_numpy()) {
        fprintf(stderr, "SKIPPED: /usr/bin/python3 with NumPy is not there\n");
        return TEST_SKIPPED;
    }
    folder = make_folder();
    snprintf(script, sizeof script, "%s/tests/data/make_files.py", root ? root : ".");
    EXPECT_INT(run_program((char *[]){(char[]){"/usr/bin/python3"}, script, folder.path, NULL}), 0);
    RUN(test_values_are_those_of_the_files);
    RUN(test_pictures_are_those_of_the_files);
    RUN(test_layers_are_in_order);
    remove_folder(&folder);
    return 0;
}
