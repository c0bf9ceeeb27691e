#include "score_key.h"

#include "server/data/metric.h"

#include <string.h>

void fl_score_key_of(const struct fl_frame *frame, struct fl_score_key *out)
{
    const struct fl_render *render = &frame->render;

    memset(out, 0, sizeof *out);
    out->map = fl_map_facts(frame->map)->id;
    out->mode = (int32_t)render->mode;
    out->norms = (int32_t)fl_metric_norms_of(render);
    if (render->mode == FL_MODE_CHANNEL)
        out->channel = (int32_t)render->channel;
    if (render->mode != FL_MODE_SIMILARITY)
        return;
    out->from = fl_map_facts(frame->from ? frame->from : frame->map)->id;
    out->form = (int32_t)fl_metric_form(render->metric);
    out->has_region = render->has_region;
    if (render->has_region) {
        memcpy(out->region, render->region, sizeof out->region);
        return;
    }
    out->n_refs = render->n_refs;
    memcpy(out->refs, render->refs, render->n_refs * sizeof *render->refs);
}

bool fl_score_key_equal(const struct fl_score_key *a, const struct fl_score_key *b)
{
    const void *x = a, *y = b; // as bytes

    return memcmp(x, y, sizeof *a) == 0;
}
