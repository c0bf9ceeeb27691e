#define WIDTH   16
#define KERNELS fl_soft_avx512
#define NAME    "avx512"
#include "soft_kernels.inc"
