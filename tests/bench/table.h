#pragma once

#include <stdio.h>

// One table for all measurements that tests/bench/run.sh makes, whichever program makes them.

static inline void table_head(void)
{
    printf("| %-58s | %11s | %12s | %5s |\n|%.60s|%.13s|%.14s|%.7s|\n", "measure", "goal",
           "measured", "ratio", "------------------------------------------------------------",
           "-------------", "--------------", "-------");
}

// `goal` 0: none. The ratio is that of what was measured to the goal.
static inline void table_row(const char *measure, const char *sign, double goal, double measured,
                             const char *unit)
{
    char wanted[32] = "", ratio[32] = "";

    if (goal > 0) {
        snprintf(wanted, sizeof wanted, "%s %g%s", sign, goal, unit);
        snprintf(ratio, sizeof ratio, "%.2f", measured / goal);
    }
    printf("| %-58s | %11s | %8.4g%-4s | %5s |\n", measure, wanted, measured, unit, ratio);
    fflush(stdout);
}

static inline void table_lost(const char *what)
{
    printf("| %-58s | %11s | %12s | %5s |\n", what, "", "failed", "");
    fflush(stdout);
}
