#include "check.h"
#include "server/base/log.h"
#include "server/data/npy.h"

// Any bytes as a .npy file, under every hint. What is accepted must lie inside the bytes, load,
// and give the same values by rows and by vectors.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void try_hint(const uint8_t *bytes, size_t len, const struct fl_layout_hint *hint)
{
    struct fl_map_source source;
    struct fl_error error = {0};
    enum fl_err err = fl_npy_read("fuzz.npy", bytes, len, hint, &source, &error);

    if (err) {
        check_refusal(err, &error);
        return;
    }
    struct fl_map *map = fl_map_create("fuzz", &source, (double[]){0, 0, 1, 1});
    if (fl_map_load(map, FL_NORMS_CENTRED, &error) || fl_map_load(map, FL_NORMS_MIN, &error))
        abort();
    if (fl_map_stats(map)->invalid >
        (uint64_t)fl_map_facts(map)->w * (uint64_t)fl_map_facts(map)->h)
        abort();
    check_rows(map);
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
