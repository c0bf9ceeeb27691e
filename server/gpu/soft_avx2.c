#define WIDTH   8
#define KERNELS fl_soft_avx2
#define NAME    "avx2"
#include "soft_kernels.inc"
