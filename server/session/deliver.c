#define LOG_MODULE "session"
#include "inner.h"

#include "proto/buf.h"
#include "server/base/log.h"
#include "server/base/mem.h"

static void give_to_view(const struct fl_waiter *waiter, struct fl_result *result)
{
    struct fl_viewer *viewer = waiter->viewer;
    struct fl_view *view = &viewer->views[waiter->view];

    view->job = 0;
    if (result->frame->error.code) {
        fl_viewer_say_error(viewer, &result->frame->error, &view->id, &waiter->seq);
        fl_pump_view(viewer, view);
    } else {
        if (result->frame->image && result->frame->render.output == FL_OUT_LEVELS)
            fl_ladder_learn(&view->ladder, result->frame, fl_buf_len(result->frame->image),
                            view->shrink);
        view->ready = fl_result_ref(result);
        view->strip = 0;
        view->ready_seq = waiter->seq;
    }
    fl_wake(viewer);
}

static uint64_t between(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static void count_stages(struct fl_session_counts *counts, const struct fl_frame *frame)
{
    if (frame->error.code || !frame->us_render) // failed, or a picture alone
        return;
    fl_histogram_add(&counts->wait, between(frame->us_asked, frame->us_render));
    fl_histogram_add(&counts->render, between(frame->us_render, frame->us_read));
    fl_histogram_add(&counts->read, between(frame->us_read, frame->us_rendered));
    fl_histogram_add(&counts->encode, between(frame->us_encode, frame->us_done));
}

void fl_session_deliver(struct fl_session *session, struct fl_frame *frame)
{
    struct fl_job *job = fl_jobs_find(session->jobs, frame->job);
    struct fl_result *result = fl_new(struct fl_result);
    const struct fl_waiter *waiters = NULL;

    result->refs = 1;
    result->frame = frame;
    if (frame->error.code)
        log_warn("%s", frame->error.text);
    count_stages(&session->counts, frame);
    fl_jobs_remove(session->jobs, job); // before anyone is told: they may ask anew or leave
    size_t n = fl_job_waiters(job, &waiters);
    for (size_t i = 0; i < n; i++) {
        if (waiters[i].viewer)
            give_to_view(&waiters[i], result);
        else
            waiters[i].done(waiters[i].user, frame);
    }
    fl_job_destroy(job);
    fl_result_unref(result);
    fl_session_feed(session); // the encoders may have been what all waited for
}
