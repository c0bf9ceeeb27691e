#include "soft_kernels.h"

const struct fl_soft_kernels *fl_soft_kernels(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return &fl_soft_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &fl_soft_avx2;
#endif
    return &fl_soft_base;
}
