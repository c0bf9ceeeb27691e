#pragma once

#include "session.h"

#include "server/base/frame.h"

// Renders under way and what came of them. Equal renders are one job: rendered and encoded once,
// however many wait for it. Network thread only, like all of this folder.

// What a job brought, shared by all who waited (counted, network thread only).
struct fl_result {
    unsigned refs;
    struct fl_frame *frame; // owned
};

struct fl_result *fl_result_ref(struct fl_result *result);
void fl_result_unref(struct fl_result *result); // NULL is fine

void fl_frame_destroy(struct fl_frame *frame);           // and its references; NULL is fine
bool fl_frame_has_picture(const struct fl_frame *frame); // not: the reference has no direction
// Nothing was lost in encoding (an empty frame has nothing to lose).
bool fl_frame_is_lossless(const struct fl_frame *frame);

struct fl_waiter {            // a view of a viewer, or somebody's shot
    struct fl_viewer *viewer; // NULL: a shot
    uint32_t view, seq;
    uint64_t shot;
    fl_shot_fn done;
    void *user; // borrowed, by the shot's asker
};

struct fl_job;
struct fl_jobs; // the table

struct fl_jobs *fl_jobs_create(void);
void fl_jobs_destroy(struct fl_jobs *jobs); // NULL is fine

struct fl_asked {               // what is to be made: equal ones are one job
    struct fl_map *map;         // NULL: a picture alone
    struct fl_picture *picture; // or NULL
    const struct fl_render *render;
    struct fl_encoding encoding;
    uint64_t since;      // when it was asked for: the wait is counted from here; no part of the key
    struct fl_map *from; // the references' map where it is another; or NULL
};

struct fl_job *fl_jobs_find_equal(struct fl_jobs *jobs, const struct fl_asked *asked); // or NULL
// A new job with its parcel, ready to be sent, which holds references of its own.
struct fl_job *fl_jobs_start(struct fl_jobs *jobs, const struct fl_asked *asked,
                             struct fl_frame **out);
struct fl_job *fl_jobs_find(struct fl_jobs *jobs, uint64_t id); // NULL
void fl_jobs_remove(struct fl_jobs *jobs, struct fl_job *job);  // takes it out: it came back
void fl_job_destroy(struct fl_job *job);                        // once removed

uint64_t fl_job_id(const struct fl_job *job);
void fl_job_wait(struct fl_job *job, const struct fl_waiter *waiter);
size_t fl_job_waiters(const struct fl_job *job, const struct fl_waiter **waiters);

// Nobody is told any more: the viewer left, one of its views was closed, the asker is gone.
void fl_jobs_forget_viewer(struct fl_jobs *jobs, const struct fl_viewer *viewer);
void fl_jobs_forget_view(struct fl_jobs *jobs, const struct fl_viewer *viewer, uint32_t view);
void fl_jobs_forget_shot(struct fl_jobs *jobs, uint64_t shot);
