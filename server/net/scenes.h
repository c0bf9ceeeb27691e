#pragma once

#include "server/data/catalogue.h"

struct json_t;

// A map with the fields of the wire, a new reference.
struct json_t *fl_scenes_map_json(const struct fl_map *map);

// The catalogue as JSON text, {"scenes": [...]} with the fields of the wire. malloc'ed; NULL
// without memory. Network thread.
char *fl_scenes_json(const struct fl_catalogue *catalogue);
