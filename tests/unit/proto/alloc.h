#pragma once

// What the code under test allocates: the linker sends its malloc, calloc and realloc here.
extern unsigned alloc_count;   // since the test set it to 0
extern unsigned alloc_fail_at; // the n-th from now returns NULL; 0: none
