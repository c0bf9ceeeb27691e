#include "inner.h"

#include "proto/msg.h"
#include "proto/reply.h"
#include "server/base/mem.h"

// The catalogue in the words of proto/reply.h. The strings stay the catalogue's.

static struct fl_map_info map_info(const struct fl_map *map)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    struct fl_map_info info = {
        .name = facts->name,
        .dtype = facts->dtype,
        .w = (uint32_t)facts->w,
        .h = (uint32_t)facts->h,
        .d = (uint32_t)facts->d,
        .rev = facts->rev,
        .extent = {facts->extent[0], facts->extent[1], facts->extent[2], facts->extent[3]},
        .bytes = facts->bytes,
        .loaded = fl_map_loaded(map, FL_NORMS_ZERO),
        .axis = facts->axis,
        .axis_unit = facts->axis_unit,
    };

    if (info.loaded) {
        const struct fl_map_stats *stats = fl_map_stats(map);
        info.min = (double)stats->min;
        info.max = (double)stats->max;
        info.invalid = stats->invalid;
    }
    return info;
}

struct told { // the whole catalogue
    struct fl_scene_info *scenes;
    struct fl_map_info *maps; // of all scenes, one behind the other
    size_t n;
};

static struct fl_scene_info scene_info(const struct fl_scene *scene, struct fl_map_info *maps)
{
    struct fl_scene_info info = {
        .name = scene->name, .rev = scene->rev, .maps = maps, .n_maps = scene->n_maps};

    for (size_t i = 0; i < scene->n_maps; i++)
        maps[i] = map_info(scene->maps[i]);
    if (scene->picture) {
        info.picture[0] = (uint32_t)fl_picture_w(scene->picture);
        info.picture[1] = (uint32_t)fl_picture_h(scene->picture);
    }
    return info;
}

static struct told tell(const struct fl_catalogue *catalogue)
{
    struct told told = {.n = fl_catalogue_count(catalogue)};
    size_t n_maps = 0;

    for (size_t i = 0; i < told.n; i++)
        n_maps += fl_catalogue_scene(catalogue, i)->n_maps;
    told.scenes = fl_calloc(told.n + 1, sizeof *told.scenes); // never of no size
    told.maps = fl_calloc(n_maps + 1, sizeof *told.maps);
    n_maps = 0;
    for (size_t i = 0; i < told.n; i++) {
        const struct fl_scene *scene = fl_catalogue_scene(catalogue, i);
        told.scenes[i] = scene_info(scene, told.maps + n_maps);
        n_maps += scene->n_maps;
    }
    return told;
}

static void forget(struct told *told)
{
    free(told->scenes);
    free(told->maps);
}

struct fl_buf *fl_info_welcome(const struct fl_viewer *viewer)
{
    const struct fl_session *session = viewer->session;
    struct fl_server_info server = {session->options.version, session->options.gpu,
                                    session->options.software};
    struct fl_limits_info limits = {FL_MAX_VIEWS, FL_MAX_FROM_CLIENT, FL_MAX_REFS,
                                    fl_session_upload(session)};
    struct told told = tell(session->catalogue);
    // Everyone may do everything until people can look together.
    struct fl_buf *message =
        fl_reply_welcome(viewer->id, "owner", &server, &limits, told.scenes, told.n);

    forget(&told);
    return message;
}

struct fl_buf *fl_info_scenes(const struct fl_session *session)
{
    struct told told = tell(session->catalogue);
    struct fl_buf *message = fl_reply_scenes(told.scenes, told.n);

    forget(&told);
    return message;
}

struct fl_buf *fl_info_opened(const struct fl_view *view)
{
    struct fl_map_info info = map_info(view->map);
    return fl_reply_opened(view->id, &info);
}
