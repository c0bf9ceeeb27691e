#pragma once

#include <stdint.h>

// Float32 copies, channels fastest, of maps whose files hold them otherwise (float16, other byte
// orders, channels first): made when a map is first compared, so that a hover does not convert
// it anew. Those unused for the longest give way. GPU thread only.
struct fl_crew;
struct fl_map;
struct fl_widened;

struct fl_widened *fl_widened_create(uint64_t budget); // bytes
void fl_widened_destroy(struct fl_widened *self);      // NULL is fine

void fl_widened_drop(struct fl_widened *self,
                     const struct fl_map *map); // its copy, if there is one

// The map's w * h * d values: where they lie, or a copy. NULL: over the budget or no memory; rows are to
// be read one by one then.
const float *fl_widened_values(struct fl_widened *self, struct fl_crew *crew, struct fl_map *map);
