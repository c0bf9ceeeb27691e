#pragma once

#include <stddef.h>

// Runs run(user, 0) .. run(user, n - 1) on all cores and returns when all are done. Each job is
// called once, by one thread at a time; the order is not defined. Callable from any thread.
void fl_parallel(size_t n, void (*run)(void *user, size_t job), void *user);

unsigned fl_cores(void); // processors this process may use, at least 1
