#include "check.h"

#include "server/base/log.h"
#include "server/data/safetensors.h"

// Any bytes as a safetensors file, under several hints.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct fl_spec specs[] = {
        {0},
        {.layout = FL_LAYOUT_CHW, .array = "a"},
        {.layout = FL_LAYOUT_NLC, .grid = {2, 3}, .skip = 1},
    };
    const struct fl_file_bytes file = {"fuzz.safetensors", bytes, len, NULL};

    fl_log_set_level(FL_LOG_ERROR);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct fl_layout_hint hint = fl_spec_hint(&specs[i], FL_LAYOUT_AUTO, (double[]){0, 0});
        struct fl_layers layers;
        struct fl_error error = {0};
        enum fl_err err = fl_safetensors_read(&file, &specs[i], &hint, &layers, &error);
        if (err)
            check_refusal(err, &error);
        else
            check_layers(&layers);
    }
    return 0;
}
