#include "painter.h"

#include "server/data/picture.h"

#include <string.h>

bool fl_painter_init(struct fl_painter *self, const struct fl_limits *limits)
{
    *self = (struct fl_painter){.limits = *limits};
    fl_compare_init(&self->compare, limits);
    return fl_cellwise_init(&self->cellwise) && fl_reduce_init(&self->reduce) &&
           fl_present_init(&self->present);
}

void fl_painter_finish(struct fl_painter *self)
{
    fl_compare_finish(&self->compare);
    fl_cellwise_finish(&self->cellwise);
    fl_reduce_finish(&self->reduce);
    fl_present_finish(&self->present);
    fl_raster_finish(&self->shrunk);
    *self = (struct fl_painter){0};
}

static bool is_distance(const struct fl_render *render)
{
    return render->mode == FL_MODE_SIMILARITY && fl_metric_is_distance(render->metric);
}

struct fl_reduce_task fl_painter_reduce_task(const struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    struct fl_reduce_task task = {
        .refs = render->refs,
        .smallest = is_distance(render),
        .stretch = render->stretch,
    };

    // No blocks: `around` is `minmax` then.
    if (render->mode != FL_MODE_SIMILARITY || frame->from)
        return task;
    if (render->has_region)
        memcpy(task.region, render->region, sizeof task.region);
    else
        task.n_refs = render->n_refs;
    return task;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

// Fewer pixels than cells: the present pass then sees a smaller map, all of it.
static bool shrink(struct fl_painter *self, const struct fl_frame *frame,
                   struct fl_present_task *task)
{
    const struct fl_render *render = &frame->render;
    int32_t across = render->window[2] - render->window[0];
    int32_t down = render->window[3] - render->window[1];
    int32_t w = smaller(render->w, across), h = smaller(render->h, down);
    struct fl_shrink how = {.refs = render->refs};

    if (w == across && h == down)
        return true;
    if (self->shrunk.w != w || self->shrunk.h != h) {
        fl_raster_finish(&self->shrunk);
        if (!fl_raster_init(&self->shrunk, w, h, &self->limits))
            return false;
    }
    memcpy(how.window, render->window, sizeof how.window);
    if (render->mode == FL_MODE_SIMILARITY && !render->has_region && !frame->from)
        how.n_refs = render->n_refs;
    fl_cellwise_shrink(&self->cellwise, task->cells, &how, &self->shrunk);
    task->cells = &self->shrunk;
    task->window[0] = task->window[1] = 0;
    task->window[2] = w;
    task->window[3] = h;
    return true;
}

static void place_backdrop(const struct fl_frame *frame, struct fl_present_task *task)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_facts *facts = fl_map_facts(frame->map);
    const double *extent = facts->extent;
    double pw = fl_picture_w(frame->picture), ph = fl_picture_h(frame->picture);
    double cell_w = (extent[2] - extent[0]) / facts->w / pw;
    double cell_h = (extent[3] - extent[1]) / facts->h / ph;

    task->place[0] = extent[0] / pw + render->window[0] * cell_w;
    task->place[1] = extent[1] / ph + render->window[1] * cell_h;
    task->place[2] = cell_w * (render->window[2] - render->window[0]) / render->w;
    task->place[3] = cell_h * (render->window[3] - render->window[1]) / render->h;
}

bool fl_painter_prepare(struct fl_painter *self, struct fl_frame *frame,
                        const struct fl_resident *resident, const struct fl_backdrop *backdrop,
                        GLuint stats, struct fl_present_task *task)
{
    const struct fl_render *render = &frame->render;

    *task = (struct fl_present_task){
        .cells = fl_compare_draw(&self->compare, &self->cellwise, frame, resident),
        .w = render->w,
        .h = render->h,
        .stats = stats,
        .invert = is_distance(render),
        .output = render->output,
        .colormap = render->colormap,
        .reversed = render->reversed,
        .opacity = render->opacity,
        .under = backdrop ? render->picture : FL_UNDER_NONE,
        .backdrop = backdrop,
    };
    memcpy(task->window, render->window, sizeof task->window);
    if (!task->cells) {
        fl_fail(&frame->error, FL_ERR_GPU,
                "The GPU failed while it compared the vectors; the "
                "server's log has the driver's words.");
        return false;
    }
    struct fl_reduce_task numbers = fl_painter_reduce_task(frame);
    fl_reduce_run(&self->reduce, task->cells, &numbers, stats);
    if (!shrink(self, frame, task)) {
        fl_fail(&frame->error, FL_ERR_GPU,
                "The GPU has no room for a picture of %d x %d; ask for a smaller one.", render->w,
                render->h);
        return false;
    }
    if (backdrop)
        place_backdrop(frame, task);
    return true;
}

void fl_painter_tell(struct fl_frame *frame, const struct fl_stats *stats)
{
    const struct fl_render *render = &frame->render;
    const struct fl_map_facts *facts = fl_map_facts(frame->map);

    if (stats->valid > 0) {
        bool fixed = render->stretch.kind == FL_STRETCH_FIXED; // told as given, not as float32
        frame->lo = fixed ? render->stretch.a : (double)stats->lo;
        frame->hi = fixed ? render->stretch.b : (double)stats->hi;
        frame->range[0] = (double)fl_stats_value(stats->low);
        frame->range[1] = (double)fl_stats_value(stats->high);
    }
    if (stats->best != UINT32_MAX) {
        frame->best[0] = (int32_t)(stats->best % (uint32_t)facts->w);
        frame->best[1] = (int32_t)(stats->best / (uint32_t)facts->w);
    }
    memcpy(frame->hist, stats->hist, sizeof frame->hist);
    frame->exact = render->output == FL_OUT_LEVELS &&
                   render->w == render->window[2] - render->window[0] &&
                   render->h == render->window[3] - render->window[1];
}
