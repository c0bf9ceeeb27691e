#include "crew.h"

#include "mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MAX_THREADS = 64 };

struct fl_crew {
    pthread_t threads[MAX_THREADS];
    unsigned n_threads; // beside the caller's
    pthread_mutex_t lock;
    pthread_cond_t called, done;
    unsigned long turn; // under lock; rises with every call
    unsigned busy;      // under lock; threads not done with this turn
    bool over;          // under lock

    // Written by the caller before a turn begins, read by the threads during it.
    void (*run)(void *user, size_t job);
    void *user; // borrowed
    size_t n;
    atomic_size_t next;
};

static void labour(struct fl_crew *crew)
{
    size_t job = 0;

    while ((job = atomic_fetch_add(&crew->next, 1)) < crew->n)
        crew->run(crew->user, job);
}

static void *serve(void *data)
{
    struct fl_crew *crew = data;
    unsigned long turn = 0;

    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->turn == turn && !crew->over)
            pthread_cond_wait(&crew->called, &crew->lock);
        if (crew->over)
            break;
        turn = crew->turn;
        pthread_mutex_unlock(&crew->lock);
        labour(crew);
        pthread_mutex_lock(&crew->lock);
        if (--crew->busy == 0)
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

void fl_crew_run(struct fl_crew *crew, size_t n, void (*run)(void *user, size_t job), void *user)
{
    crew->run = run;
    crew->user = user;
    crew->n = n;
    atomic_store(&crew->next, 0);
    if (n > 1 && crew->n_threads > 0) {
        pthread_mutex_lock(&crew->lock);
        crew->turn++;
        crew->busy = crew->n_threads;
        pthread_cond_broadcast(&crew->called);
        pthread_mutex_unlock(&crew->lock);
    }
    labour(crew);
    pthread_mutex_lock(&crew->lock);
    while (crew->busy > 0)
        pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}
