#include "crew.h"

#include "mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    MAX_THREADS = 64,
    // How often a thread looks before it sleeps: some tens of microseconds. Waking one takes longer than
    // most turns, on a virtual machine several times so, and turns come one upon the other.
    LOOKS = 1000,
};

struct turn {
    uint32_t number;
    void (*run)(void *user, size_t job);
    void *user; // borrowed
    size_t n;
};

struct fl_crew {
    pthread_t threads[MAX_THREADS];
    unsigned n_threads; // beside the caller's
    pthread_mutex_t lock;
    pthread_cond_t called, done;
    struct turn turn; // under lock
    bool over;        // under lock
    // The turn's number, and behind it 32 bits with the next job: a thread that wakes late, when another
    // turn has begun, takes none of its jobs.
    _Atomic(uint64_t) next;
    atomic_size_t left; // jobs of the turn that are not finished
};

static void breathe(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool take_job(struct fl_crew *crew, const struct turn *turn, size_t *job)
{
    uint64_t next = atomic_load(&crew->next);

    do {
        *job = (size_t)(next & UINT32_MAX);
        if (next >> 32 != turn->number || *job >= turn->n)
            return false;
    } while (!atomic_compare_exchange_weak(&crew->next, &next, next + 1));
    return true;
}

// Returns whether it finished the last job.
static bool labour(struct fl_crew *crew, const struct turn *turn)
{
    size_t job = 0, finished = 0;

    while (take_job(crew, turn, &job)) {
        turn->run(turn->user, job);
        finished++;
    }
    return finished > 0 && atomic_fetch_sub(&crew->left, finished) == finished;
}

static void await_turn_locked(struct fl_crew *crew, uint32_t last)
{
    if (crew->turn.number == last && !crew->over) {
        pthread_mutex_unlock(&crew->lock);
        for (int i = 0; i < LOOKS && atomic_load(&crew->next) >> 32 == last; i++)
            breathe();
        pthread_mutex_lock(&crew->lock);
    }
    while (crew->turn.number == last && !crew->over)
        pthread_cond_wait(&crew->called, &crew->lock);
}

static void *serve(void *data)
{
    struct fl_crew *crew = data;
    struct turn turn = {0};

    pthread_mutex_lock(&crew->lock);
    for (;;) {
        await_turn_locked(crew, turn.number);
        if (crew->over)
            break;
        turn = crew->turn;
        pthread_mutex_unlock(&crew->lock);
        bool last = labour(crew, &turn);
        pthread_mutex_lock(&crew->lock);
        if (last)
            pthread_cond_signal(&crew->done);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct fl_crew *fl_crew_create(unsigned threads)
{
    struct fl_crew *crew = fl_new(struct fl_crew);

    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->called, NULL);
    pthread_cond_init(&crew->done, NULL);
    // A thread that cannot be started only makes it slower.
    while (crew->n_threads + 1 < threads && crew->n_threads < MAX_THREADS &&
           pthread_create(&crew->threads[crew->n_threads], NULL, serve, crew) == 0)
        pthread_setname_np(crew->threads[crew->n_threads++], "crew");
    return crew;
}

void fl_crew_destroy(struct fl_crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->over = true;
    pthread_cond_broadcast(&crew->called);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->n_threads; i++)
        pthread_join(crew->threads[i], NULL);
    pthread_cond_destroy(&crew->called);
    pthread_cond_destroy(&crew->done);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

// It returns when the jobs are done, not when every thread has woken and found none left.
static void run_together(struct fl_crew *crew, const struct turn *wanted)
{
    pthread_mutex_lock(&crew->lock);
    struct turn turn = *wanted;
    turn.number = crew->turn.number + 1;
    crew->turn = turn;
    atomic_store(&crew->left, turn.n);
    atomic_store(&crew->next, (uint64_t)turn.number << 32);
    pthread_cond_broadcast(&crew->called);
    pthread_mutex_unlock(&crew->lock);
    if (labour(crew, &turn))
        return;
    for (int i = 0; i < LOOKS && atomic_load(&crew->left) > 0; i++)
        breathe();
    if (atomic_load(&crew->left) == 0)
        return;
    pthread_mutex_lock(&crew->lock);
    while (atomic_load(&crew->left) > 0)
        pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void fl_crew_run(struct fl_crew *crew, size_t n, void (*run)(void *user, size_t job), void *user)
{
    assert(n < UINT32_MAX);
    if (n > 1 && crew->n_threads > 0) {
        run_together(crew, &(struct turn){.run = run, .user = user, .n = n});
        return;
    }
    for (size_t job = 0; job < n; job++)
        run(user, job);
}
