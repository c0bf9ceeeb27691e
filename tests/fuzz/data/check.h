#pragma once

#include "server/data/layers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// What must hold of everything that a reader accepts. For the fuzz targets of readers.

static inline void check_rows(const struct fl_map *map)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    size_t d = (size_t)facts->d, row = (size_t)facts->w * d;
    float *rows = malloc((size_t)facts->h * row * sizeof *rows);
    float *vector = malloc(d * sizeof *vector);

    if (!rows || !vector)
        abort();
    fl_map_read_rows(map, 0, facts->h, rows);
    for (int32_t j = 0; j < facts->h; j++)
        for (int32_t i = 0; i < facts->w; i++) {
            fl_map_read_vector(map, i, j, vector);
            if (memcmp(vector, rows + (size_t)j * row + (size_t)i * d, d * sizeof *vector) != 0)
                abort();
        }
    const float *in_place = fl_map_rows(map, 0);
    if (in_place && memcmp(in_place, rows, row * sizeof *rows) != 0)
        abort();
    free(vector);
    free(rows);
}

static inline void check_refusal(enum fl_err err, const struct fl_error *error)
{
    if (error->code != err || !error->text[0])
        abort(); // a refusal without its sentence
}

// Takes the source. It may still fail to load (a checksum), but then with a sentence.
static inline void check_source(struct fl_map_source *source)
{
    struct fl_error error = {0};
    struct fl_map *map = fl_map_create("fuzz", source, (double[]){0, 0, 1, 1});
    const struct fl_map_facts *facts = fl_map_facts(map);
    double sum = 0;
    enum fl_err err = fl_map_load(map, FL_NORMS_CENTRED, &error);

    for (int32_t k = 0; facts->axis && k < facts->d; k++)
        sum += (double)facts->axis[k];
    if (err) {
        check_refusal(err, &error);
    } else {
        if (fl_map_stats(map)->invalid > (uint64_t)facts->w * (uint64_t)facts->h)
            abort();
        check_rows(map);
    }
    fl_map_unref(map);
    volatile double kept = sum; // so that the axis is read
    (void)kept;
}

// Takes the layers.
static inline void check_layers(struct fl_layers *layers)
{
    struct fl_error error = {0};

    if (layers->n == 0 && !layers->picture)
        abort();
    for (size_t i = 0; i < layers->n; i++)
        check_source(&layers->at[i].source);
    if (layers->picture) {
        enum fl_err err = fl_picture_load(layers->picture, &error);
        if (err)
            check_refusal(err, &error);
        else if (!fl_picture_rgb(layers->picture))
            abort();
    }
    fl_layers_finish(layers);
}
