#pragma once

#include "envi_header.h"
#include "envi_text.h"

// Which bands of a cube its picture shows, and how they are stretched: fills in header->shown. By
// "default bands" and "default stretch"; without bands, by the wavelengths where they are visible.
// What makes no sense is said in the log and passed over. Pure but for the log. Private to server/data.
void fl_envi_shown_read(const char *what, const struct fl_envi_text *text,
                        struct fl_envi_header *header);
