#pragma once

#include "gpu.h"

#include <stdbool.h>
#include <stdint.h>

// What the context can hold in one piece, and how finely work is cut. GPU thread only.
struct fl_limits {
    int32_t side;     // most texels along a texture's side; a power of two
    int32_t layers;   // most layers of an array texture
    int32_t uniforms; // vec4 in one uniform block
    uint64_t tile;    // most bytes of one texture of a feature map
    uint64_t slice;   // bytes uploaded between two renders
    bool software;    // a software renderer: textures take the machine's memory
    bool half;        // feature maps in half precision where their values allow it
};

// How one reference is compared: by the way that is measured to be fastest, or as told.
enum fl_way {
    FL_WAY_MEASURED,
    FL_WAY_FRAGMENT,
    FL_WAY_COMPUTE8, // 8 or 16 cells an invocation
    FL_WAY_COMPUTE16,
    FL_WAY_LANES,  // many lanes to a cell; tried on hardware alone, like
    FL_WAY_BUFFER, // the same over a buffer, a second copy of the map
    FL_WAYS,
};

// Tests change what they need smaller; fields that are 0 stay as the context says.
struct fl_tuning {
    struct fl_limits limits;
    bool ring; // read back through the ring of pixel buffers, as on hardware
    // In place of the driver's word on whether the context was lost; 0 is fine, anything else a reset.
    unsigned (*reset_status)(void *user);
    enum fl_engine_choice choice; // BY_DEVICE: as the options say
    enum fl_way way;
    bool as_hardware; // what is left out on software renderers is not
    void *user;
};

struct fl_limits fl_limits_read(bool software, const struct fl_tuning *tuning); // tuning: or NULL
