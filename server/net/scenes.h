#pragma once

#include "server/data/catalogue.h"

// The catalogue as JSON text, {"scenes": [...]} with the fields of the wire. malloc'ed; NULL
// without memory. Network thread.
char *fl_scenes_json(const struct fl_catalogue *catalogue);
