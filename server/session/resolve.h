#pragma once

#include "server/base/render.h"
#include "server/data/catalogue.h"

// From what a client says to what is to be computed: picture coordinates become cells, defaults
// become numbers. Pure.

enum fl_where {
    FL_WHERE_CELL,    // one reference, in refs[0]
    FL_WHERE_MANY,    // several references, or a region
    FL_WHERE_OUTSIDE, // no reference fell into its map: *out is not to be rendered
};

struct fl_resolve_maps {
    const struct fl_map *map;
    const struct fl_map *from;        // the references' map where it is another; or NULL
    const struct fl_picture *picture; // or NULL
};

// `out` is zeroed first. Its output is LEVELS or COLOUR by the state's kind. Refuses, with a
// sentence: a channel the map does not have, a window outside it, references its metric cannot do.
enum fl_err fl_resolve(const struct fl_state *state, const struct fl_resolve_maps *maps,
                       struct fl_render *out, enum fl_where *where,
                       struct fl_error *error) FL_CHECKED;
