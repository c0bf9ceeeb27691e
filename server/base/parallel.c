#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { MAX_THREADS = 64 };

struct work {
    atomic_size_t next;
    size_t n;
    void (*run)(void *user, size_t job);
    void *user; // borrowed
};

static void *labour(void *data)
{
    struct work *work = data;
    size_t job = 0;

    while ((job = atomic_fetch_add(&work->next, 1)) < work->n)
        work->run(work->user, job);
    return NULL;
}

void fl_parallel(size_t n, void (*run)(void *user, size_t job), void *user)
{
    struct work work = {.n = n, .run = run, .user = user};
    pthread_t threads[MAX_THREADS];
    unsigned wanted = fl_cores(), started = 0;

    if (wanted > MAX_THREADS)
        wanted = MAX_THREADS;
    if (wanted > n)
        wanted = (unsigned)n;
    // This thread works too; a helper that cannot be started only makes it slower.
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, labour, &work) == 0)
        started++;
    labour(&work);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

unsigned fl_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}
