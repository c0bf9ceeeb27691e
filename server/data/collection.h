#pragma once

#include "catalogue.h"

// What the paths given to this server hold, and how it changes: each PATH as catalogue.h says.
// One owner (the keeper's thread; before it, whoever starts the server). Private to server/data.
//
// A look compares each file and directory with what it was (stamp.h); one that changed is read when two
// looks in a row found it the same, so that nobody is shown a file that is being written. What cannot
// be read is said once for each change and not shown.
struct fl_collection;

// All that is there is read at once. No paths: the demo scene. *out holds nothing where nothing can
// be read; the paths' mistakes are logged, but for the first: fl_collection_say_empty says that one.
enum fl_err fl_collection_open(char *const *paths, size_t n,
                               const struct fl_catalogue_options *options,
                               struct fl_collection **out, struct fl_error *error) FL_CHECKED;
void fl_collection_close(struct fl_collection *collection); // NULL is fine

// Adds a directory whose subdirectories are scenes of their own kind: those that people upload.
// `path` is absolute and stays; read at once.
void fl_collection_add_uploads(struct fl_collection *collection, const char *path);

// The mistakes of the start that were not said yet; from now on they are said as they come.
void fl_collection_say_all(struct fl_collection *collection);
// Why nothing is shown: fills *error, and forgets it.
enum fl_err fl_collection_say_empty(struct fl_collection *collection, struct fl_error *error);

// True: something else is shown now.
bool fl_collection_look(struct fl_collection *collection);
// Takes the file or the directory of one scene at this path as it is now; the others wait for their look.
bool fl_collection_look_at(struct fl_collection *collection, const char *path);

struct fl_catalogue *fl_collection_show(const struct fl_collection *collection); // as it is now
// The scene made of this path (borrowed), or NULL.
const struct fl_scene *fl_collection_find(const struct fl_collection *collection, const char *path);

const struct fl_scene *fl_collection_find_name(const struct fl_collection *collection,
                                               const char *name); // likewise

// catalogue.c: what the draft holds as a scene of its own (one reference); the draft is emptied.
struct fl_draft;
const struct fl_scene *fl_scene_take(struct fl_draft *draft, const char *name, uint32_t rev);
