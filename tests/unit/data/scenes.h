#pragma once

#include "files.h"
#include "npy_files.h"

#include "server/data/catalogue.h"

#include <limits.h>
#include <sys/stat.h>

// Folders of scenes for the tests of the catalogue.

static struct folder root; // a new one for each test

static inline const char *at(const char *name)
{
    static char paths[4][PATH_MAX]; // several in one expression
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, PATH_MAX, "%s%s%s", root.path, *name ? "/" : "", name);
    return path;
}

static inline void make_dir(const char *name)
{
    EXPECT_INT(mkdir(at(name), 0700), 0);
}

static inline void put_text(const char *name, const char *text)
{
    save_bytes(at(name), text, strlen(text));
}

// u1 of this shape, all ones; at most 3500 values.
static inline void put_npy(const char *name, int a, int b, int c)
{
    char dict[128];
    uint8_t ones[3500];

    memset(ones, 1, sizeof ones);
    snprintf(dict, sizeof dict, "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d)}",
             a, b, c);
    struct bytes file = npy_of(1, dict, ones, (size_t)a * (size_t)b * (size_t)c);
    save_bytes(at(name), file.at, file.len);
}

static inline void put_buf(const char *name, struct fl_buf *buf)
{
    save_bytes(at(name), fl_buf_bytes(buf), fl_buf_len(buf));
    fl_buf_unref(buf);
}

static inline void put_picture(const char *name, int w, int h)
{
    uint8_t *rgb = calloc((size_t)w * (size_t)h, 3);

    EXPECT(rgb);
    put_buf(name, make_jpeg(w, h, TJPF_RGB, rgb, 0));
    free(rgb);
}

// 2 x 3 cells with 4 channels of 8 bits; its picture, if any, is 20 x 30.
static inline void put_ifealid(const char *name, bool overlay)
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

static inline enum fl_err open_all(const char *const *names, size_t n, struct fl_catalogue **out,
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

static inline struct fl_catalogue *open_one(const char *name)
{
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};

    if (open_all(&name, 1, &catalogue, &error)) {
        fprintf(stderr, "%s: %s\n", name, error.text);
        exit(1);
    }
    return catalogue;
}

static inline void expect_refused(const char *name, enum fl_err code, const char *says)
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
static inline void expect_content(const struct fl_catalogue *catalogue, const char *want)
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

static inline void expect_extent(const struct fl_catalogue *catalogue, const char *name, double x0,
                                 double y0, double x1, double y1)
{
    const struct fl_scene *scene = NULL;
    struct fl_map *map = fl_catalogue_find_map(catalogue, name, &scene);

    EXPECT(map && scene);
    const double *extent = fl_map_facts(map)->extent;
    EXPECT(extent[0] == x0 && extent[1] == y0 && extent[2] == x1 && extent[3] == y1);
}

static inline void with_folder(void (*test)(void))
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
