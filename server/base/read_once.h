#pragma once

#include <stddef.h>
#include <stdint.h>

// What comparing is measured against: one thread reads n floats from memory once and does next to
// nothing with them. To be timed; the sum is to go where the compiler cannot leave it out, as into a
// volatile.
uint32_t fl_read_once(const float *values, size_t n);
