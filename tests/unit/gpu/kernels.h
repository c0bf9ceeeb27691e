#pragma once

#include "server/gpu/soft_kernels.h"

#include <stdio.h>

// The software engine's kernels of every instruction set that this processor has.

#if defined(__x86_64__)
enum { ALL_KERNELS = 3 };
static const struct fl_soft_kernels *const all_kernels[ALL_KERNELS] = {&fl_soft_base, &fl_soft_avx2,
                                                                       &fl_soft_avx512};
#else
enum { ALL_KERNELS = 1 };
static const struct fl_soft_kernels *const all_kernels[ALL_KERNELS] = {&fl_soft_base};
#endif

static inline bool run_here(const struct fl_soft_kernels *kernels)
{
#if defined(__x86_64__)
    if (kernels == &fl_soft_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (kernels == &fl_soft_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return kernels == &fl_soft_base;
}

static inline void for_all_kernels(void (*check)(const struct fl_soft_kernels *kernels))
{
    for (size_t n = 0; n < ALL_KERNELS; n++) {
        bool here = run_here(all_kernels[n]);
        fprintf(stderr, "  %s%s\n", all_kernels[n]->name, here ? "" : ": not this processor's");
        if (here)
            check(all_kernels[n]);
    }
}
