#pragma once

#include "answer.h"
#include "engine.h"
#include "gpu.h"
#include "server/base/thread.h"
#include "soft.h"
#include "tuned.h"
#include "waiting.h"

#include <stdatomic.h>

// The inside of gpu.h: the thread's life (gpu.c) and its turns (gpu_turns.c).
struct fl_gpu {
    fl_frame_fn done;
    void *user;                     // borrowed
    struct fl_gpu_options options;  // which: points to
    char *which;                    // this, owned
    const struct fl_tuning *tuning; // borrowed, or NULL
    size_t batch;                   // most frames that one pass serves
    struct fl_mailbox *inbox;
    struct fl_mailbox *started; // one message: the engine was made, or not
    struct fl_thread *thread;
    struct fl_gpu_info info;     // written before `started`
    struct fl_error start_error; // likewise
    atomic_ullong passes;        // as the engine counts them
    atomic_uint ahead;           // paced frames that were sent and are not begun
    atomic_bool asked;           // somebody waits for there to be none

    // GPU thread only
    struct fl_engine *engine;  // NULL: lost, and not got back yet
    struct fl_soft *soft;      // owned; NULL: GL draws all
    struct fl_waiting waiting; // for GL
    struct fl_waiting soft_waiting;
    struct fl_answers answers;
    struct fl_waiting doomed; // parcels of fl_gpu_forget whose map is still to be drawn
    uint64_t us_retry;        // not before this
};

// A frame has come: answered at once where no GPU is needed, else it waits its turn.
void fl_gpu_receive(struct fl_gpu *gpu, struct fl_frame *frame);
// One turn. False: there was nothing to do.
bool fl_gpu_work(struct fl_gpu *gpu);
// Maps that nobody will be shown again go, but for those still to be drawn.
void fl_gpu_forget_maps(struct fl_gpu *gpu);
