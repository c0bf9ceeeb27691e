#pragma once

#include "resolve.h"

// Another map's vectors as references (`set.from`). Pure.
struct fl_looked_at { // by a view, or by somebody's shot; borrowed
    const struct fl_scene *scene;
    const struct fl_map *map;
};

// The map that the references lie in, borrowed from the catalogue; NULL: the one that is looked at.
// Refuses, with a sentence: a map that is not there, vectors of another length.
enum fl_err fl_from_find(const struct fl_catalogue *catalogue, const struct fl_state *state,
                         const struct fl_looked_at *own, struct fl_map **out,
                         struct fl_error *error) FL_CHECKED;

struct fl_resolved {
    struct fl_map *from; // as fl_from_find has it
    enum fl_where where;
    struct fl_render render;
};

// fl_resolve of the state with the maps it speaks of.
enum fl_err fl_from_resolve(const struct fl_catalogue *catalogue, const struct fl_state *state,
                            const struct fl_looked_at *own, struct fl_resolved *out,
                            struct fl_error *error) FL_CHECKED;
