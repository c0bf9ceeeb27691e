#pragma once

#include "chords.h"
#include "features.h"
#include "lanes.h"
#include "reference.h"
#include "server/data/metric.h"

// Pass 1: every cell's vector against the reference's, into a raster; shaders/similarity.frag or, for
// angles, the compute form. Programs are made when first needed, one for each variant.
enum fl_shift { FL_SHIFT_NONE, FL_SHIFT_ONE, FL_SHIFT_RASTER, FL_SHIFTS };

struct fl_similarity_program {
    GLuint program; // 0: not made yet
    GLint u_groups, u_tile, u_self, u_shift, u_last, u_scale, u_channels;
};

struct fl_similarity {
    struct fl_reference reference;
    struct fl_similarity_program programs[FL_FORMS][2][FL_SHIFTS][2]; // signed; in a texture
    struct fl_chords chords;
    struct fl_lanes lanes;
    struct fl_combine combine;
    enum fl_way way; // for angles without shifts of their own; MEASURED: as FRAGMENT
    uint64_t passes; // of all but the chords', over a map, so far
};

// What is compared with what.
struct fl_similarity_task {
    const struct fl_features *features;
    const struct fl_raster *inverse, *shifts; // shifts: only with FL_SHIFT_RASTER
    enum fl_form form;
    bool has_negative; // values below zero are left after the shift
    enum fl_shift shift;
    float min;           // FL_SHIFT_ONE: what is taken from every value
    float largest;       // of all absolute values, the reference's too
    const float *vector; // the reference's d values, as fl_references has them
    int32_t ref[2];      // its cell; -1: none of this map
};

void fl_similarity_init(struct fl_similarity *self, const struct fl_limits *limits);
void fl_similarity_finish(struct fl_similarity *self); // zeroed is fine

uint64_t fl_similarity_passes(const struct fl_similarity *self); // of both forms

// Draws the whole of `out`: chords for FL_FORM_CHORD (curve.h makes numbers of them), else the
// metric's numbers. False (and logged) when the driver has no room or cannot.
bool fl_similarity_draw(struct fl_similarity *self, const struct fl_similarity_task *task,
                        const struct fl_raster *out);
