#pragma once

#include "inner.h"

// Answers `probe`: the exact numbers at a point of an open view's map, compared with the point that the
// message names, or with all references of the view. Network thread only.
void fl_probe(struct fl_viewer *viewer, struct fl_view *view, const struct fl_msg *msg);
