#define WIDTH   4
#define KERNELS fl_soft_base
#define NAME    "base"
#include "soft_kernels.inc"
