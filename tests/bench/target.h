#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// The server that is measured: started here on some of the cores, or one that runs already.
struct target {
    pid_t pid; // 0: it was given by its URL, and what /proc tells is not known
    uint16_t port;
};

// `what` is a program, started with `paths` (n of them) on the first `cores` cores and saying what
// it says into `log`; or http://127.0.0.1:PORT/. False: nothing answers there.
bool target_start(struct target *target, const char *what, const char *const *paths, unsigned n,
                  unsigned cores, const char *log);
bool target_stop(const struct target *target); // true: with status 0

// Keeps this process off the first cores, where there are others.
void target_leave_cores(unsigned cores);

struct target_cpu { // seconds of CPU so far
    double all, network;
};
struct target_cpu target_cpu(const struct target *target);
// Resident bytes without what is mapped of .npy files.
double target_memory(const struct target *target);
