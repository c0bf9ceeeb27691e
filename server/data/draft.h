#pragma once

#include "catalogue.h"
#include "source.h"

// A scene while it is put together. Private to server/data.
struct fl_draft {
    char *name;                 // owned
    struct fl_picture *picture; // shared reference, or NULL
    struct fl_map **maps;       // owned list of shared references
    size_t n_maps;
    uint64_t stamp; // of the file that the next maps come from (stamp.h)
};

void fl_draft_finish(struct fl_draft *draft); // zeroed is fine

// Takes the source, also when it fails. The layer's name is `name`, or that with "-2", "-3" where
// it is taken. `extent`: the rectangle of the picture that it covers, or NULL where nobody says: the
// whole picture; without one, what the scene's first map covers, or the map's own cells.
enum fl_err fl_draft_add(struct fl_draft *draft, const char *name, struct fl_map_source *source,
                         const double extent[4], struct fl_error *error) FL_CHECKED;

// "name", or "name-2", "name-3" ...: the first that `is_taken` has nothing against. Owned by the caller.
char *fl_free_name(const char *name, bool (*is_taken)(const void *user, const char *name),
                   const void *user);

// Names travel in "scene/layer" and in URLs. Refuses empty, long and dotted ones, "/" and what is
// not UTF-8; the sentence begins with `what`.
enum fl_err fl_name_check(const char *what, const char *name, struct fl_error *error) FL_CHECKED;
