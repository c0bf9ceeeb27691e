#pragma once

#include "server/base/frame.h"

#include <stdbool.h>

// The GPU thread: owns the context, the textures and the passes; all other files of this folder run
// on it. Others only see this header.
struct fl_gpu;

// Which engine draws levels and values: C where GL is software, else GL; or as told.
enum fl_engine_choice { FL_ENGINE_BY_DEVICE, FL_ENGINE_GL, FL_ENGINE_SOFT };

struct fl_gpu_options {
    const char *which; // "auto", "N", "/dev/dri/...", "cuda:N"
    bool software;     // a software renderer is fine where there is no hardware
    uint64_t memory;   // bytes for feature maps; 0: by what the machine has
    bool half;         // feature maps in half precision; the software engine takes them as they are
    enum fl_engine_choice engine;
    unsigned batch; // most frames that one pass over a map serves; 0: as many as it can
    // Or NULL. On the GPU thread, with the user of `done`: there is room again, which
    // fl_gpu_has_room denied before.
    void (*room)(void *user);
};

struct fl_gpu_info {
    char name[128];    // GL_RENDERER
    char version[128]; // GL_VERSION
    bool software;
    uint64_t budget; // bytes for feature maps
};

// NULL and a sentence without a usable GPU, or when the self-test card came back wrong. `done` is
// called on the GPU thread, once per frame sent.
struct fl_gpu *fl_gpu_create(const struct fl_gpu_options *options, fl_frame_fn done, void *user,
                             struct fl_error *error);
void fl_gpu_destroy(struct fl_gpu *gpu); // finishes what was sent, then stops; NULL is fine

const struct fl_gpu_info *fl_gpu_info(const struct fl_gpu *gpu); // any thread; never changes

// Any thread; takes the frame. Its map is loaded (with the norms that render needs); its picture too
// where colour needs it. A map not yet in GPU memory is uploaded in slices between other renders.
void fl_gpu_send(struct fl_gpu *gpu, struct fl_frame *frame);

// Any thread. False while a frame that is `paced` waits for its turn: so that whoever sends such frames
// keeps the rest back, to send them with the newest that is wanted then.
bool fl_gpu_has_room(struct fl_gpu *gpu);
// Any thread. Nobody will be shown this map again: it goes from GPU memory when what was sent is drawn.
void fl_gpu_forget(struct fl_gpu *gpu, struct fl_map *map);

// Any thread. Which norms a render of this metric and origin needs (enum fl_norms of data/map.h).
int fl_gpu_norms(enum fl_metric metric, enum fl_origin origin);
