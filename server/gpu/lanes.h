#pragma once

#include "features.h"

// Pass 1 of one reference in the forms that hardware may like better than one cell an invocation
// (shaders/similarity_lanes.comp): many lanes to a cell, over the texture or over a buffer that holds the
// same values. Programs are made when first needed. GPU thread only.
struct fl_similarity_task;

struct fl_lanes_program {
    GLuint program; // 0: not made yet
    GLint u_groups, u_tile, u_size, u_self, u_shift, u_last;
};

struct fl_lanes {
    struct fl_limits limits;
    struct fl_lanes_program programs[2][2]; // buffer; signed
    GLuint mirror;                          // shaders/mirror.comp
};

void fl_lanes_init(struct fl_lanes *self, const struct fl_limits *limits);
void fl_lanes_finish(struct fl_lanes *self); // zeroed is fine

// Whether this can be drawn so; else similarity.frag must serve.
bool fl_lanes_can(const struct fl_lanes *self, const struct fl_similarity_task *task);
// The whole of `out`, over the tiles' buffers if there are any. The reference's block is bound. False (and
// logged) when the driver cannot.
bool fl_lanes_draw(struct fl_lanes *self, const struct fl_similarity_task *task,
                   const struct fl_raster *out);

// Gives every tile of full features a buffer with the same values. False: some is too large for a
// buffer, in half precision, or the driver has no room; then none has one.
bool fl_lanes_mirror(struct fl_lanes *self, struct fl_features *features);
