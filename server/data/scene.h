#pragma once

#include "draft.h"

// One scene from one path. Private to server/data. `out` is to be ended with
// fl_draft_finish; zeroed on an error. Layers that cannot be read are logged by name and left out
// while others can.

// A map file, or a photograph, whose filter-bank map is the layer.
enum fl_err fl_scene_open_file(const char *path, const struct fl_catalogue_options *options,
                               struct fl_draft *out, struct fl_error *error) FL_CHECKED;

// A directory as one scene: by its scene.json, else its picture.* and all map files in it.
enum fl_err fl_scene_open_dir(const char *path, const struct fl_catalogue_options *options,
                              struct fl_draft *out, struct fl_error *error) FL_CHECKED;

// The same with what is wanted said by the caller; the scene has the directory's name.
struct fl_wanted_scene;
enum fl_err fl_scene_open_wanted(const char *path, const struct fl_wanted_scene *wanted,
                                 const struct fl_catalogue_options *options, struct fl_draft *out,
                                 struct fl_error *error) FL_CHECKED;

// Whether a directory says that it is one scene: it holds picture.* or scene.json.
bool fl_scene_is_marked(const char *path);

// The names in a directory, in natural order, without hidden ones; each and the list are the caller's
// to free. Directories have a '/' at the end.
enum fl_err fl_scene_list(const char *path, char ***names, size_t *n,
                          struct fl_error *error) FL_CHECKED;
void fl_scene_free_list(char **names, size_t n);
