#pragma once

#include "server/data/keeper.h"
#include "server/session/session.h"

// What GET metrics answers: the session's counts in Prometheus' text format. Pure but for
// allocation.

struct fl_metrics_build {      // which server this is
    const char *version, *gpu; // borrowed
    bool software;
};

// The caller frees it; NULL: no memory.
char *fl_metrics_text(const struct fl_metrics_build *build, const struct fl_session_counts *counts,
                      const struct fl_keeper_counts *stored);
