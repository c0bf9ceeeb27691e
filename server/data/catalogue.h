#pragma once

#include "map.h"
#include "picture.h"

#include <stdio.h>

// What this server shows at one moment: scenes, each with a picture (or none) and layers, made by
// reading headers only. Neither a catalogue nor a scene ever changes: files that come and go make
// another catalogue (keeper.h), which shares with the last one all scenes and maps that are as before.
struct fl_catalogue;

struct fl_scene { // shared by reference count (any thread)
    const char *name;
    struct fl_picture *picture; // or NULL
    struct fl_map **maps;       // n_maps of them, at least one
    size_t n_maps;
    uint32_t rev;                 // rises when the picture was replaced
    struct fl_scene_owner *owner; // its references
};

const struct fl_scene *fl_scene_ref(const struct fl_scene *scene); // returns scene
void fl_scene_unref(const struct fl_scene *scene); // the last one frees; NULL is fine

// NLC: tokens, (1, L, C) or (L, C); which of them make the picture is said besides.
enum fl_layout {
    FL_LAYOUT_AUTO,
    FL_LAYOUT_HWC,
    FL_LAYOUT_CHW,
    FL_LAYOUT_NCHW,
    FL_LAYOUT_NHWC,
    FL_LAYOUT_NLC
};

struct fl_catalogue_options {
    enum fl_layout layout;
    void (*progress)(void *user, const char *what, unsigned percent); // or NULL
    void *user;
    bool no_demo; // no paths: nothing
};

// A path is a scene: a file, whose maps are its layers, or a directory that holds picture.* or
// scene.json, whose map files are. In any other directory each file and each subdirectory is a scene.
// They come as scene.json says, else by name ("a2" before "a10"). Names are base names without the
// extension; a second "coast" is "coast-2".
//
// What cannot be read is logged by name, with its sentence, and skipped. *error is set and
// FL_ERR_NOT_FOUND or the first path's own code returned when nothing at all can be served. No paths:
// the demo scene, drawn and computed here.
enum fl_err fl_catalogue_open(char *const *paths, size_t n,
                              const struct fl_catalogue_options *options, struct fl_catalogue **out,
                              struct fl_error *error) FL_CHECKED;
void fl_catalogue_close(struct fl_catalogue *catalogue); // NULL is fine
// Of these scenes, in this order; takes references of its own.
struct fl_catalogue *fl_catalogue_of(const struct fl_scene *const *scenes, size_t n);

size_t fl_catalogue_count(const struct fl_catalogue *catalogue);
const struct fl_scene *fl_catalogue_scene(const struct fl_catalogue *catalogue, size_t at);
const struct fl_scene *fl_catalogue_find(const struct fl_catalogue *catalogue,
                                         const char *scene); // NULL
// "scene/layer" to its map (borrowed) and scene; NULL when there is none.
struct fl_map *fl_catalogue_find_map(const struct fl_catalogue *catalogue, const char *name,
                                     const struct fl_scene **scene);
// A layer of a scene by its name (borrowed); NULL.
struct fl_map *fl_scene_find_map(const struct fl_scene *scene, const char *layer);

// "HWC", "CHW", "1CHW", "1HWC" (or N...), "NLC", "1LC", "LC"
bool fl_layout_parse(const char *text, enum fl_layout *out);
