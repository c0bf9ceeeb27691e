#include "sigbus.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GUARDS = 4096, FREE = 0, FILLING = 1 };
enum installed { NOT_YET, INSTALLING, INSTALLED };

// All the handler may touch: fixed in place and free of locks.
static struct fl_sigbus_guard guards[GUARDS];
static size_t page_size;
static struct sigaction before; // what SIGBUS did without us
static _Atomic(int) installed = NOT_YET;

_Static_assert(ATOMIC_LONG_LOCK_FREE == 2 && sizeof(size_t) == sizeof(long), "for the handler");

// The guard's range as the handler sees it; len 0 where it is changing at this moment. The range
// that holds the faulting address cannot change: whoever reads it keeps it mapped.
static size_t range_of(const struct fl_sigbus_guard *guard, size_t *begin)
{
    *begin = atomic_load(&guard->begin);
    size_t len = atomic_load(&guard->len);
    return *begin > FILLING && atomic_load(&guard->begin) == *begin ? len : 0;
}

static bool replace(struct fl_sigbus_guard *guard, size_t address)
{
    size_t begin = 0, len = range_of(guard, &begin);

    if (address < begin || address - begin >= len)
        return false;
    size_t from = address - address % page_size;
    atomic_store(&guard->triggered, true);
    // Not in POSIX's list for handlers, but a plain system call on Linux; by itself, since
    // ThreadSanitizer takes the wrapper for a write to what other threads are reading.
    return syscall(SYS_mmap, from, begin + len - from, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != -1;
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (info->si_code > 0) // from the kernel, about an address
        for (size_t i = 0; i < GUARDS; i++)
            if (replace(&guards[i], (size_t)info->si_addr))
                return;
    // Not ours: as if we had never been here. A fault repeats itself on return.
    sigaction(number, &before, NULL);
    if (info->si_code <= 0)
        raise(number);
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    int expected = NOT_YET;

    if (atomic_compare_exchange_strong(&installed, &expected, INSTALLING)) {
        page_size = (size_t)sysconf(_SC_PAGESIZE);
        sigemptyset(&action.sa_mask);
        sigaction(SIGBUS, &action, &before);
        atomic_store(&installed, INSTALLED);
    }
    while (atomic_load(&installed) != INSTALLED)
        sched_yield();
}

struct fl_sigbus_guard *fl_sigbus_take(const void *begin, size_t len)
{
    install();
    for (size_t i = 0; i < GUARDS; i++) {
        size_t expected = FREE;
        if (!atomic_compare_exchange_strong(&guards[i].begin, &expected, FILLING))
            continue;
        atomic_store(&guards[i].triggered, false);
        atomic_store(&guards[i].len, len);
        atomic_store(&guards[i].begin, (size_t)begin);
        return &guards[i];
    }
    return NULL;
}

void fl_sigbus_give_back(struct fl_sigbus_guard *guard)
{
    if (guard)
        atomic_store(&guard->begin, FREE);
}
