#pragma once

#include "map.h"
#include "picture.h"

#include <stdio.h>

// What this server shows: scenes, each with a picture (or none) and layers. Built at start from the
// command line's paths by reading headers only; then read by the network thread alone.
struct fl_catalogue;

struct fl_scene {
    const char *name;
    struct fl_picture *picture; // or NULL
    struct fl_map **maps;       // n_maps of them, at least one
    size_t n_maps;
};

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
};

// Each path by DESIGN.md section 8 and ruling 2. What cannot be read is logged by name, with its
// sentence, and skipped. *error is set and FL_ERR_NOT_FOUND or the first path's own code returned when
// nothing at all can be served. No paths: the demo scene, drawn and computed here.
enum fl_err fl_catalogue_open(char *const *paths, size_t n,
                              const struct fl_catalogue_options *options, struct fl_catalogue **out,
                              struct fl_error *error) FL_CHECKED;
void fl_catalogue_close(struct fl_catalogue *catalogue); // NULL is fine

size_t fl_catalogue_count(const struct fl_catalogue *catalogue);
const struct fl_scene *fl_catalogue_scene(const struct fl_catalogue *catalogue, size_t at);
const struct fl_scene *fl_catalogue_find(const struct fl_catalogue *catalogue,
                                         const char *scene); // NULL
// "scene/layer" to its map (borrowed) and scene; NULL when there is none.
struct fl_map *fl_catalogue_find_map(const struct fl_catalogue *catalogue, const char *name,
                                     const struct fl_scene **scene);

// "HWC", "CHW", "1CHW", "1HWC" (or N...), "NLC", "1LC", "LC"
bool fl_layout_parse(const char *text, enum fl_layout *out);
