#pragma once

#include "archive.h"

#include <jansson.h>

// What a safetensors file's "__metadata__" says to us (safetensors.h). Private to server/data.
// `metadata` may be NULL. Fills in archive->picture and each array's `said` and extent.
enum fl_err fl_safetensors_said(const json_t *metadata, struct fl_archive *archive,
                                struct fl_error *error) FL_CHECKED;
