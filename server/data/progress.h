#pragma once

#include <stdatomic.h>

// How much of a long piece of work is done, for others to look at while it goes on. Whoever works
// tells it, also several threads at once; whoever watches reads the number when it likes, so that
// neither waits for the other.
struct fl_progress {
    _Atomic(float) *done; // borrowed; 0 to 1 of the whole work
    float from, to;       // what of the whole this part is
};

// `part` of it is done, 0 to 1. NULL is fine: nobody watches.
static inline void fl_progress_tell(const struct fl_progress *progress, double part)
{
    if (progress)
        atomic_store_explicit(progress->done,
                              progress->from + (progress->to - progress->from) * (float)part,
                              memory_order_relaxed);
}
