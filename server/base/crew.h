#pragma once

#include <stddef.h>

// Threads that wait to share the jobs of one caller after the other: fl_parallel for work that comes
// many times a second. One caller at a time.
struct fl_crew;

struct fl_crew *fl_crew_create(unsigned threads); // the caller counted; at least 1
void fl_crew_destroy(struct fl_crew *crew);       // NULL is fine

// Runs run(user, 0) .. run(user, n - 1), this thread too, and returns when all are done.
void fl_crew_run(struct fl_crew *crew, size_t n, void (*run)(void *user, size_t job), void *user);
