#pragma once

#include "picture.h"
#include "source.h"

// The scene shown when nothing else is: a painted landscape and two maps of it, computed here and
// now (on all cores; about a second on four). sources[0] is the filter bank's own grid ("fine"),
// sources[1] the same averaged over 4 x 4 cells ("coarse"); both cover the whole picture.
// `progress` (or NULL) is called on this thread. *picture: a new reference.
enum fl_err fl_demo_open(struct fl_picture **picture, struct fl_map_source sources[2],
                         const char *names[2],
                         void (*progress)(void *user, const char *what, unsigned percent),
                         void *user, struct fl_error *error) FL_CHECKED;
