#pragma once

#include "combine.h"
#include "features.h"
#include "reference.h"

// Pass 1 in its compute form (shaders/similarity.comp): chords of every cell to one or several
// references, in one go through the map. Programs are made when first needed, or before. GPU thread only.
enum {
    FL_CHORDS_MOST = 16, // references together
    FL_CHORDS_SIZES = 5, // programs are for 1, 2, 4, 8 or 16
};

struct fl_chords_program {
    GLuint program; // 0: not made yet
    int32_t pixels; // an invocation
    GLint u_groups, u_tile, u_size, u_sheets, u_self, u_shift, u_last;
};

struct fl_chords {
    struct fl_limits limits;
    struct fl_reference reference;
    struct fl_chords_program programs[FL_CHORDS_SIZES][2][2]; // 16 pixels; signed
    unsigned prepared; // of the programs that fl_chords_prepare makes, so many were tried
    bool can_copy;     // textures without drawing
    GLuint many, fbo;  // R32F array: the sheets of each reference of a pass over several
    int32_t many_w, many_h, many_layers;
    uint64_t passes; // over a map, so far
};

struct fl_chords_ref {
    const float *vector; // a unit vector of d values, as fl_references has it
    int32_t cell[2];     // its cell; -1: none of this map
    const struct fl_raster *out;
    bool joins; // the nearer of its chords and those that the reference before it left in `out`
};

struct fl_chords_task {
    const struct fl_features *features;
    const struct fl_raster *inverse;
    bool has_negative; // values below zero are left after the shift
    float shift;       // taken from every value
    int32_t pixels;    // an invocation for one reference: 8 or 16
    const struct fl_chords_ref *refs;
    size_t n_refs;              // 1 to FL_CHORDS_MOST
    struct fl_combine *combine; // only where one joins
};

void fl_chords_init(struct fl_chords *self, const struct fl_limits *limits);
void fl_chords_finish(struct fl_chords *self); // zeroed is fine

// How many references fit one pass; 0: not even one, similarity.frag must serve.
size_t fl_chords_most(const struct fl_chords *self, const struct fl_features *features,
                      bool has_negative);
// In as many passes as that asks for. False (and logged) when the driver has no room or cannot.
bool fl_chords_draw(struct fl_chords *self, const struct fl_chords_task *task);

// Makes one more of the programs that several people at once need. False: there is none left.
bool fl_chords_prepare(struct fl_chords *self);
