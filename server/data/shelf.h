#pragma once

#include "spec.h"

// The directory of uploads: a scene is a subdirectory, "S/M.npy" and "S/picture.jpg" in it, with a
// scene.json where a map needs one; what is not complete yet are hidden files beside them. A server that is
// started again finds all of it. The keeper's thread only. Private to server/data.
//
// No name that comes from outside is followed as a link, and none leads out of the directory.
struct fl_shelf;

enum { FL_SHELF_PATIENCE = 900 }; // seconds that an incomplete file is kept without a change

// Makes the directory if its parent is there, and removes what is left of uploads long ago.
enum fl_err fl_shelf_open(const char *path, uint64_t quota, struct fl_shelf **out,
                          struct fl_error *error) FL_CHECKED;
void fl_shelf_close(struct fl_shelf *shelf); // NULL is fine

const char *fl_shelf_path(const struct fl_shelf *shelf);                    // absolute
char *fl_shelf_scene_path(const struct fl_shelf *shelf, const char *scene); // the caller's
uint64_t fl_shelf_quota(const struct fl_shelf *shelf);
uint64_t fl_shelf_used(const struct fl_shelf *shelf); // bytes, as last measured
void fl_shelf_measure(struct fl_shelf *shelf);
// Removes hidden files that nobody wrote to for FL_SHELF_PATIENCE.
void fl_shelf_sweep(struct fl_shelf *shelf);

enum fl_thing { FL_THING_MAP, FL_THING_PICTURE, FL_THING_SCENE };

struct fl_named { // what is stored, replaced or deleted
    enum fl_thing thing;
    const char *scene, *layer; // borrowed; layer of a MAP
    struct fl_spec spec;       // of a MAP: layout, grid and skip, as in scene.json
    bool has_extent;
    double extent[4];
};

// Names as fl_name_check has them, not hidden, and no link or file where the scene would be.
enum fl_err fl_shelf_check(const struct fl_shelf *shelf, const struct fl_named *named,
                           struct fl_error *error) FL_CHECKED;
// Bytes that are free again once this is replaced.
uint64_t fl_shelf_size_of(const struct fl_shelf *shelf, const struct fl_named *named);
// Whether `bytes` more fit the file system.
enum fl_err fl_shelf_check_space(const struct fl_shelf *shelf, uint64_t bytes,
                                 struct fl_error *error) FL_CHECKED;

struct fl_temp { // a hidden file that is being written; zeroed: none
    int fd;
    char name[48]; // "": none
};

enum fl_err fl_shelf_begin(struct fl_shelf *shelf, struct fl_temp *out,
                           struct fl_error *error) FL_CHECKED;
void fl_shelf_drop(struct fl_shelf *shelf, struct fl_temp *temp); // zeroed is fine

struct fl_stored {
    bool created;  // nothing had this name
    char **layers; // owned, n of them: the layers the file became
    size_t n;
};
void fl_stored_finish(struct fl_stored *stored); // zeroed is fine

// shelf_store.c: makes the complete file what it is named, if it can be read. The temporary file is
// gone afterwards in either case. Sentences name no path of this machine.
enum fl_err fl_shelf_store(struct fl_shelf *shelf, const struct fl_named *named,
                           const struct fl_catalogue_options *options, struct fl_temp *temp,
                           struct fl_stored *out, struct fl_error *error) FL_CHECKED;
// FL_ERR_NOT_FOUND: there is none.
enum fl_err fl_shelf_remove(struct fl_shelf *shelf, const struct fl_named *named,
                            struct fl_error *error) FL_CHECKED;

// The directory of a scene, opened; -1: there is none, it is a link or no directory.
int fl_shelf_open_scene(const struct fl_shelf *shelf, const char *scene);
int fl_shelf_fd(const struct fl_shelf *shelf);
