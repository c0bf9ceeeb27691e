#pragma once

#include "proto/err.h"

#include <jansson.h>
#include <stdbool.h>

// Which files of an uploaded scene are which layers: the "maps" of its scene.json, which is only there
// where the files alone do not say it. The keeper's thread only. Private to server/data.

// {"file": ...} for every map of the scene in this directory, which may be missing: a new array, or NULL
// and *error.
json_t *fl_manifest_read(const char *dir, struct fl_error *error);

const char *fl_manifest_file(const json_t *map);           // borrowed
bool fl_manifest_is(const json_t *map, const char *layer); // this layer, or its file has the name
bool fl_manifest_has_file(const json_t *maps, const char *file); // among them

// Writes scene.json into the directory behind `fd`, or removes it where the files say the same.
enum fl_err fl_manifest_write(json_t *maps, int fd, struct fl_error *error) FL_CHECKED;
