#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

// The one SIGBUS handler of the process and the address ranges it looks after; mapping.c's alone.
// A read of a page that a shrunken file no longer backs makes the kernel send SIGBUS to the reading
// thread. The handler then puts zero pages over the rest of the range, so that the read goes on.
struct fl_sigbus_guard {
    _Atomic(size_t) begin;   // address; 0: free, 1: being filled in
    _Atomic(size_t) len;     // bytes
    _Atomic(bool) triggered; // pages of the range were replaced by zeros
};

// The range must be mapped and start on a page. NULL when all guards are in use. Any thread.
struct fl_sigbus_guard *fl_sigbus_take(const void *begin, size_t len);
// Before the range is unmapped. NULL is fine.
void fl_sigbus_give_back(struct fl_sigbus_guard *guard);
