#pragma once

#include "picture.h"
#include "source.h"

// The maps that one file holds, and its picture. Private to server/data.

struct fl_layer {
    char *name;                  // owned; NULL: as the file is called
    struct fl_map_source source; // owned
    bool has_extent;
    double extent[4]; // as the file says it
};

struct fl_layers {
    struct fl_layer *at; // owned; n of them
    size_t n, room;
    struct fl_picture *picture; // owned reference, or NULL
    bool is_grid;               // it has a pixel for each cell of the maps, wherever they lie
};

// Takes the source. `name` is copied; NULL as above. The new layer, until the next is added.
struct fl_layer *fl_layers_add(struct fl_layers *layers, const char *name,
                               struct fl_map_source *source);
void fl_layers_finish(struct fl_layers *layers); // zeroed is fine
