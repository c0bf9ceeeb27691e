#pragma once

#include "server/data/catalogue.h"

struct json_t;

// A map with the fields of the wire, a new reference.
struct json_t *fl_scenes_map_json(const struct fl_map *map);

// The catalogue as JSON text, {"scenes": [...], "upload"} with the fields of the wire. malloc'ed; NULL
// without memory. Network thread.
char *fl_scenes_json(const struct fl_catalogue *catalogue, uint64_t upload);

// What was stored: the picture of a scene, or these layers of it.
char *fl_scenes_stored_json(const struct fl_scene *scene, struct fl_map *const *maps, size_t n);
