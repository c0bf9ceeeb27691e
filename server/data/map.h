#pragma once

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One feature map on the host: h rows of w pixels of d float32 values, whatever the file's type
// and order. Shared by reference count (any thread); what it says never changes once it is loaded.
//
// Opening reads the header alone. Loading (the loader thread) decodes what cannot be mapped and
// goes once through the values for the statistics and norms. Mapped files are guarded: one that
// shrinks under us reads as zeros from then on and the map says so (fl_map_gone).
struct fl_map;

struct fl_map_facts { // from the header; never change
    const char *name; // the layer's name, without its scene
    int32_t w, h, d;
    double extent[4];      // x0, y0, x1, y1 in picture pixels; without a picture 0, 0, w, h
    const char *dtype;     // as in the file: "f4", "f2", "u1", ... ; "png8" for IFeaLiD zips
    uint64_t bytes;        // w * h * d * 4: what it takes as float32
    uint32_t rev;          // rises when the file was replaced
    const float *axis;     // d values that the channels stand for, as wavelengths; or NULL
    const char *axis_unit; // of them, "nm"; "" where it is not known
    uint64_t id;           // this map's alone, as long as the process lives; never 0
};

struct fl_map_stats { // known once loaded
    float min, max;   // of the finite values
    uint64_t invalid; // pixels without a direction: zero vector, NaN, Inf, a norm outside float32
};

// Which vectors are compared: the values as they are, less the map's minimum (paper Eq. 1), or
// less each vector's own mean (pearson, msam).
enum fl_norms { FL_NORMS_ZERO, FL_NORMS_MIN, FL_NORMS_CENTRED, FL_NORMS };

struct fl_map *fl_map_ref(struct fl_map *map); // returns map
void fl_map_unref(struct fl_map *map);         // the last one frees; NULL is fine

const struct fl_map_facts *fl_map_facts(const struct fl_map *map);

// Loader thread. Idempotent; FL_NORMS_ZERO is always made, `norms` beside it. Blocks for as long
// as reading and decoding takes.
enum fl_err fl_map_load(struct fl_map *map, enum fl_norms norms, struct fl_error *error) FL_CHECKED;
bool fl_map_loaded(const struct fl_map *map, enum fl_norms norms); // any thread
// How much of loading the map with these norms is done, about, 0 to 1; any thread, also meanwhile.
double fl_map_progress(const struct fl_map *map, enum fl_norms norms);

// Any thread, once loaded with these norms.
const struct fl_map_stats *fl_map_stats(const struct fl_map *map);
// 1 / |p| of each pixel, w * h values, rows from the top; 0 where the pixel is invalid. Summed in double.
const float *fl_map_inverse_norms(const struct fl_map *map, enum fl_norms norms);
// What is taken from each value of a pixel: NULL (nothing) for ZERO; w * h values for CENTRED. For
// MIN it is the one number fl_map_stats(map)->min: NULL too.
const float *fl_map_shifts(const struct fl_map *map, enum fl_norms norms);

// Any thread, once loaded. Rows y .. y + n - 1 as n * w * d float32, channels fastest.
void fl_map_read_rows(const struct fl_map *map, int32_t y, int32_t n, float *out);
// The same rows where they already lie so in memory (little-endian float32, C order H, W, C), else NULL.
const float *fl_map_rows(const struct fl_map *map, int32_t y);
void fl_map_read_vector(const struct fl_map *map, int32_t i, int32_t j, float *out); // d values

// Any thread. The file shrank: what was read is not to be used.
bool fl_map_gone(const struct fl_map *map);

// Picture coordinates to the cell they fall into: column i = floor((x - x0) / (x1 - x0) * w), row j
// likewise. False outside the extent.
bool fl_map_cell(const struct fl_map *map, double x, double y, int32_t *i, int32_t *j);
