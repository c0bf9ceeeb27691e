#include "server/base/log.h"
#include "server/data/npy.h"

#include <stdlib.h>
#include <string.h>

// Any bytes as a .npy file, under every hint. What is accepted must lie inside the bytes, load,
// and give the same values by rows and by vectors.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_values(const struct fl_map *map)
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
    free(vector);
    free(rows);
}

static void try_hint(const uint8_t *bytes, size_t len, const struct fl_layout_hint *hint)
{
    struct fl_map_source source;
    struct fl_error error = {0};
    enum fl_err err = fl_npy_read("fuzz.npy", bytes, len, hint, &source, &error);

    if (err) {
        if (error.code != err || !error.text[0])
            abort(); // a refusal without its sentence
        return;
    }
    struct fl_map *map = fl_map_create("fuzz", &source, (double[]){0, 0, 1, 1});
    if (fl_map_load(map, FL_NORMS_CENTRED, &error) || fl_map_load(map, FL_NORMS_MIN, &error))
        abort();
    if (fl_map_stats(map)->invalid >
        (uint64_t)fl_map_facts(map)->w * (uint64_t)fl_map_facts(map)->h)
        abort();
    check_values(map);
    fl_map_unref(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct fl_layout_hint hints[] = {
        {0},
        {.layout = FL_LAYOUT_CHW},
        {.size = {2, 3}},
    };

    fl_log_set_level(FL_LOG_ERROR);
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        try_hint(bytes, len, &hints[i]);
    return 0;
}
