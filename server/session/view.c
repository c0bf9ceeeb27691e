#include "view.h"

#include "server/data/references.h"

#include <string.h>

void fl_view_finish(struct fl_view *view)
{
    fl_turn_leave(&view->turn);
    fl_result_unref(view->ready);
    fl_result_unref(view->shown);
    fl_references_unref(view->probed[0]);
    fl_references_unref(view->probed[1]);
    fl_map_unref(view->map);
    fl_scene_unref(view->scene);
    memset(view, 0, sizeof *view);
}

bool fl_view_has_frame(const struct fl_view *view)
{
    return view->ready || view->echo;
}

bool fl_view_is_free(const struct fl_view *view)
{
    return view->map && view->dirty && !view->job && !fl_view_has_frame(view);
}

void fl_view_drop_strips(struct fl_view *view)
{
    if (!view->ready || view->ready->frame->n_strips == 0)
        return;
    fl_result_unref(view->ready);
    view->ready = NULL;
    view->strip = 0;
}

bool fl_view_is_moving(const struct fl_view *view, uint64_t since)
{
    return view->before_at >= since;
}

bool fl_view_wants_still(const struct fl_view *view, uint64_t since)
{
    return view->map && !view->dirty && !view->job && !fl_view_has_frame(view) && view->shown &&
           !view->stilled && view->changed_at <= since && !fl_frame_is_lossless(view->shown->frame);
}
