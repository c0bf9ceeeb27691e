#pragma once

#include "catalogue.h"

// Which files and directories are scenes: each PATH as catalogue.h says, as it is at this moment. One
// owner. Private to server/data.
struct fl_listing;
struct fl_draft;

struct fl_listing *fl_listing_create(char *const *paths, size_t n); // copies them
void fl_listing_destroy(struct fl_listing *listing);                // NULL is fine
// One more path, unless it is there already.
void fl_listing_add(struct fl_listing *listing, const char *path);

// The paths of all scenes in their order; each and the list are the caller's to free. False: the
// file system does not tell just now.
bool fl_listing_read(struct fl_listing *listing, char ***paths, size_t *n);
// The next mistake that reading found and that was not told yet.
bool fl_listing_take_error(struct fl_listing *listing, struct fl_error *error);

// Opens one of them.
enum fl_err fl_listing_open(const char *path, const struct fl_catalogue_options *options,
                            struct fl_draft *out, struct fl_error *error) FL_CHECKED;
