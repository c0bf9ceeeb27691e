#include "job.h"

#include "proto/buf.h"
#include "server/base/mem.h"
#include "server/data/references.h"

#include <string.h>

struct fl_job {
    struct fl_job *next;
    uint64_t id;
    // Borrowed, as are from and picture: the parcel holds them; compared only.
    const struct fl_map *map;
    const struct fl_map *from;
    const struct fl_picture *picture;
    uint32_t rev, from_rev;
    struct fl_render render;
    struct fl_encoding encoding;
    struct fl_waiter *waiters; // owned
    size_t n_waiters, room;
};

struct fl_jobs {
    struct fl_job *first;
    uint64_t last_id;
};

struct fl_result *fl_result_ref(struct fl_result *result)
{
    result->refs++;
    return result;
}

void fl_result_unref(struct fl_result *result)
{
    if (!result || --result->refs > 0)
        return;
    fl_frame_destroy(result->frame);
    free(result);
}

void fl_frame_destroy(struct fl_frame *frame)
{
    if (!frame)
        return;
    fl_map_unref(frame->map);
    fl_map_unref(frame->from);
    fl_references_unref(frame->references);
    fl_references_unref(frame->plain);
    fl_picture_unref(frame->picture);
    fl_buf_unref(frame->image);
    for (int32_t i = 0; i < frame->n_strips; i++)
        fl_buf_unref(frame->strips[i].image);
    free(frame->strips);
    free(frame->vector);
    free(frame->pixels);
    free(frame);
}

bool fl_frame_is_lossless(const struct fl_frame *frame)
{
    return !fl_frame_has_picture(frame) || frame->enc == FL_ENC_PNG;
}

bool fl_frame_has_picture(const struct fl_frame *frame)
{
    return frame->image || frame->n_strips > 0;
}

struct fl_jobs *fl_jobs_create(void)
{
    return fl_new(struct fl_jobs);
}

void fl_jobs_destroy(struct fl_jobs *jobs)
{
    if (!jobs)
        return;
    while (jobs->first) {
        struct fl_job *job = jobs->first;
        fl_jobs_remove(jobs, job);
        fl_job_destroy(job);
    }
    free(jobs);
}

static uint32_t rev_of(const struct fl_map *map)
{
    return map ? fl_map_facts(map)->rev : 0;
}

static bool equal_encodings(const struct fl_encoding *a, const struct fl_encoding *b)
{
    return a->enc == b->enc && a->budget == b->budget && a->quality == b->quality &&
           a->strip == b->strip;
}

struct fl_job *fl_jobs_find_equal(struct fl_jobs *jobs, const struct fl_asked *asked)
{
    for (struct fl_job *job = jobs->first; job; job = job->next)
        if (job->map == asked->map && job->rev == rev_of(asked->map) && job->from == asked->from &&
            job->from_rev == rev_of(asked->from) && job->picture == asked->picture &&
            fl_render_equal(&job->render, asked->render) &&
            equal_encodings(&job->encoding, &asked->encoding))
            return job;
    return NULL;
}

struct fl_job *fl_jobs_start(struct fl_jobs *jobs, const struct fl_asked *asked,
                             struct fl_frame **out)
{
    struct fl_job *job = fl_new(struct fl_job);
    struct fl_frame *frame = fl_new(struct fl_frame);

    job->id = ++jobs->last_id;
    job->map = asked->map;
    job->from = asked->from;
    job->picture = asked->picture;
    job->rev = rev_of(asked->map);
    job->from_rev = rev_of(asked->from);
    memcpy(&job->render, asked->render, sizeof job->render); // padding too: compared as bytes
    job->encoding = asked->encoding;
    job->next = jobs->first;
    jobs->first = job;

    frame->job = job->id;
    frame->map = asked->map ? fl_map_ref(asked->map) : NULL;
    frame->from = asked->from ? fl_map_ref(asked->from) : NULL;
    frame->picture = asked->picture ? fl_picture_ref(asked->picture) : NULL;
    memcpy(&frame->render, asked->render, sizeof frame->render);
    frame->encoding = asked->encoding;
    frame->us_asked = asked->since;
    *out = frame;
    return job;
}

struct fl_job *fl_jobs_find(struct fl_jobs *jobs, uint64_t id)
{
    struct fl_job *job = jobs->first;
    while (job && job->id != id)
        job = job->next;
    return job;
}

void fl_jobs_remove(struct fl_jobs *jobs, struct fl_job *job)
{
    struct fl_job **at = &jobs->first;

    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
}

void fl_job_destroy(struct fl_job *job)
{
    free(job->waiters);
    free(job);
}

uint64_t fl_job_id(const struct fl_job *job)
{
    return job->id;
}

void fl_job_wait(struct fl_job *job, const struct fl_waiter *waiter)
{
    job->waiters = fl_grow(job->waiters, job->n_waiters, &job->room, sizeof *job->waiters);
    job->waiters[job->n_waiters++] = *waiter;
}

size_t fl_job_waiters(const struct fl_job *job, const struct fl_waiter **waiters)
{
    *waiters = job->waiters;
    return job->n_waiters;
}

struct wanted { // who is to be forgotten
    const struct fl_viewer *viewer;
    bool any_view;
    uint32_t view;
    uint64_t shot; // 0: a viewer
};

static bool is_wanted(const struct fl_waiter *waiter, const struct wanted *wanted)
{
    if (wanted->shot)
        return waiter->shot == wanted->shot;
    return waiter->viewer == wanted->viewer && (wanted->any_view || waiter->view == wanted->view);
}

static void forget(struct fl_jobs *jobs, const struct wanted *wanted)
{
    for (struct fl_job *job = jobs->first; job; job = job->next) {
        size_t kept = 0;
        for (size_t i = 0; i < job->n_waiters; i++)
            if (!is_wanted(&job->waiters[i], wanted))
                job->waiters[kept++] = job->waiters[i];
        job->n_waiters = kept;
    }
}

void fl_jobs_forget_viewer(struct fl_jobs *jobs, const struct fl_viewer *viewer)
{
    forget(jobs, &(struct wanted){.viewer = viewer, .any_view = true});
}

void fl_jobs_forget_view(struct fl_jobs *jobs, const struct fl_viewer *viewer, uint32_t view)
{
    forget(jobs, &(struct wanted){.viewer = viewer, .view = view});
}

void fl_jobs_forget_shot(struct fl_jobs *jobs, uint64_t shot)
{
    forget(jobs, &(struct wanted){.shot = shot});
}
