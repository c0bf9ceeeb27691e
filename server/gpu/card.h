#pragma once

#include "painter.h"

// The self-test: three vectors whose similarities are known go through every pass and back. A driver
// that draws nothing, or something else, is found here and not by a person looking at a black
// picture. GPU thread only.
enum fl_err fl_card_check(struct fl_painter *painter, struct fl_readback *readback,
                          struct fl_error *error) FL_CHECKED;
