#pragma once

#include "server/data/catalogue.h"

#include <jansson.h>

// The catalogue as JSON text, {"scenes": [...]} with the fields of the wire. malloc'ed; NULL
// without memory. Network thread.
char *fl_scenes_json(const struct fl_catalogue *catalogue);

json_t *fl_scenes_map_json(const struct fl_map *map); // a map as the wire tells it
