#pragma once

#include "gl.h"
#include "limits.h"

struct fl_picture;

// Input pictures as textures, for colour frames: the last few that were used. One over 2^25 pixels,
// more than a frame can have, or over a texture's side is reduced first. Filled in slices, like maps.
// GPU thread only.
enum { FL_BACKDROPS = 4 };

struct fl_backdrop {
    struct fl_picture *picture; // shared; NULL: free
    GLuint texture;             // RGB8 with mipmaps
    int32_t w, h;               // of the texture
    int32_t rows;               // uploaded so far; h + 1: mipmaps too
    uint8_t *reduced;           // owned; where the picture is too large, until uploaded
    uint64_t used;
};

struct fl_backdrops {
    struct fl_backdrop list[FL_BACKDROPS];
    uint64_t clock;
    int32_t side;
    uint64_t slice;
};

void fl_backdrops_init(struct fl_backdrops *self, const struct fl_limits *limits);
void fl_backdrops_finish(struct fl_backdrops *self); // zeroed is fine

// The picture if all of it is there, else NULL. Counts as use.
const struct fl_backdrop *fl_backdrops_find(struct fl_backdrops *self,
                                            const struct fl_picture *picture);
// One slice of it. False: no memory.
bool fl_backdrops_fill(struct fl_backdrops *self, struct fl_picture *picture);
