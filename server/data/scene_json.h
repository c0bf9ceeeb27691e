#pragma once

#include "catalogue.h"
#include "spec.h"

#include <jansson.h>
#include <stdbool.h>

// scene.json: {"picture"?: file, "maps"?: [{"file", "array"?, "name"?, "extent"?, "layout"?, "grid"?,
// "skip"?, "shape"?, "dtype"?, "offset"?}]}. A map with a shape is a raw file. What it does not say is
// as if there were no scene.json. Private to server/data.
struct fl_wanted { // one layer; all-zero but `file`: nothing is said
    char *file;    // owned; inside the scene's directory
    char *name;    // owned, or NULL
    bool has_extent;
    double extent[4];
    char *array;         // owned, or NULL; spec.array
    struct fl_spec spec; // checked
};

struct fl_wanted_scene {
    char *picture;          // owned, or NULL
    struct fl_wanted *maps; // owned
    size_t n_maps;
    bool has_maps; // they are said: no others
};

// `dir`/scene.json, if there is one; else *out is zeroed. Every value and key is checked;
// sentences name the file.
enum fl_err fl_scene_json_read(const char *dir, struct fl_wanted_scene *out,
                               struct fl_error *error) FL_CHECKED;
// The same of what is parsed already; `path` begins the sentences. *out is zeroed before, and is to be
// finished also when it fails.
enum fl_err fl_scene_json_parse(const char *path, json_t *root, struct fl_wanted_scene *out,
                                struct fl_error *error) FL_CHECKED;
void fl_wanted_scene_finish(struct fl_wanted_scene *scene); // zeroed is fine
