#pragma once

#include <stdbool.h>
#include <stdint.h>

// How many bytes feature maps may take. GPU thread only.

// Where nobody said: a software renderer gets half of the memory that is free now, hardware three
// quarters of its own, as far as the driver tells it.
uint64_t fl_budget_default(bool software);

// What may be allocated at this moment without the machine running out; UINT64_MAX: no limit known.
uint64_t fl_budget_left_now(bool software);

struct fl_budget_text { // a number of bytes for people
    char text[24];
};
struct fl_budget_text fl_budget_text(uint64_t bytes); // "180 kB", "12.9 GB"
