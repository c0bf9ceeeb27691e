#include "layers.h"

#include "text.h"

#include "server/base/mem.h"

#include <stdlib.h>

struct fl_layer *fl_layers_add(struct fl_layers *layers, const char *name,
                               struct fl_map_source *source)
{
    layers->at = fl_grow(layers->at, layers->n, &layers->room, sizeof *layers->at);
    struct fl_layer *layer = &layers->at[layers->n++];
    *layer = (struct fl_layer){.name = name ? fl_text_copy(name) : NULL, .source = *source};
    *source = (struct fl_map_source){0};
    return layer;
}

void fl_layers_finish(struct fl_layers *layers)
{
    for (size_t i = 0; i < layers->n; i++) {
        free(layers->at[i].name);
        fl_map_source_finish(&layers->at[i].source);
    }
    fl_picture_unref(layers->picture);
    free(layers->at);
    *layers = (struct fl_layers){0};
}
