#pragma once

#include "raster.h"

#include "proto/err.h"

struct fl_map;

// A feature map's values as they lie in an .npy file: RGBA32F (or RGBA16F) array textures with
// s = group of four channels, t = column, layer = row; the last group padded with zeros. The map is
// cut into tiles that a texture can hold: bands of rows, and of columns where it must be. No tile
// crosses a border of the rasters' sheets. Filled in slices, tile by tile; GPU thread only.
struct fl_tile {
    GLuint texture;      // 0: not allocated yet
    struct fl_rect rect; // cells
    GLuint buffer;       // the same values once more (lanes.h); 0: none
    int32_t sheet;       // of the rasters, which holds all of them
};

struct fl_features {
    int32_t w, h, d, groups;
    bool half;             // RGBA16F: the driver rounds each value to 11 bits
    struct fl_tile *tiles; // owned
    size_t n_tiles;
    size_t tile;         // the next to be filled,
    int32_t row, column; // from here on
    float *staging;      // owned; what is not uploaded from where it lies
    size_t staged;       // floats it has room for
};

// On the GPU; UINT64_MAX: too many.
uint64_t fl_features_bytes(int32_t w, int32_t h, int32_t d, bool half);

// Plans the tiles; allocates none yet. In half precision if limits->half. The rasters of this map are
// cut by the same limits.
enum fl_err fl_features_init(struct fl_features *self, int32_t w, int32_t h, int32_t d,
                             const struct fl_limits *limits, struct fl_error *error) FL_CHECKED;
void fl_features_finish(struct fl_features *self); // zeroed is fine

void fl_features_drop_buffers(struct fl_features *self);

bool fl_features_full(const struct fl_features *self);
// Uploads about limits->slice bytes, out of the map or, where that is NULL, of h * w * d values.
enum fl_err fl_features_fill(struct fl_features *self, const struct fl_map *map,
                             const float *values, const struct fl_limits *limits,
                             struct fl_error *error) FL_CHECKED;
