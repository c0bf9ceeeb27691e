#pragma once

#include <stdint.h>

// What the machine has, or this process's control group where that is less. Any thread; reads
// files of the kernel each time. UINT64_MAX where it cannot be found out.

uint64_t fl_memory_total(void);
uint64_t fl_memory_available(void); // without swapping, page cache that can be dropped included
