#pragma once

#include <stdint.h>

// Microseconds of a clock that never jumps. Any thread.
uint64_t fl_now_us(void);
