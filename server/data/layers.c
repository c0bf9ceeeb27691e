#include "layers.h"

#include "text.h"

#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct fl_layer *fl_layers_add(struct fl_layers *layers, const char *name,
                               struct fl_map_source *source)
{
    if (layers->n == layers->room) {
        size_t room = layers->room ? 2 * layers->room : 4;
        struct fl_layer *at = fl_calloc(room, sizeof *at);
        if (layers->n > 0)
            memcpy(at, layers->at, layers->n * sizeof *at);
        free(layers->at);
        layers->at = at;
        layers->room = room;
    }
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
