#pragma once

#include <stdatomic.h>

// How much of a long piece of work is done, for others to look at while it goes on. Whoever works
// tells it, also several threads at once; whoever watches reads the number when it likes, so that
// neither waits for the other.
struct fl_progress {
    _Atomic(float) *done; // borrowed; 0 to 1 of the whole work
    float from, to;       // what of the whole this part is
};

// A part of this part, from its `from` to its `to`.
static inline struct fl_progress fl_progress_part(const struct fl_progress *progress, double from,
                                                  double to)
{
    float span = progress->to - progress->from;

    return (struct fl_progress){progress->done, progress->from + span * (float)from,
                                progress->from + span * (float)to};
}

// `part` of this part is done, 0 to 1. NULL is fine: nobody watches.
static inline void fl_progress_tell(const struct fl_progress *progress, double part)
{
    if (progress)
        atomic_store_explicit(progress->done,
                              progress->from + (progress->to - progress->from) * (float)part,
                              memory_order_relaxed);
}
