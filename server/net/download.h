#pragma once

#include "router.h"

#include "server/session/session.h"

// What a browser calls the file that it saves: "hydrant_conv4_angular_213-320.png". Pure.

enum { FL_MAX_DOWNLOAD = 1536 }; // bytes of the header's value, the terminator included

// The value of Content-Disposition: the name in ASCII, and beside it in UTF-8 where it has other
// letters. `state`: what the frame shows.
void fl_download_name(const struct fl_route *route, const struct fl_state *state, enum fl_enc enc,
                      char out[FL_MAX_DOWNLOAD]);
