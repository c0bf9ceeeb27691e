#include "scenes.h"

#include "json.h"

json_t *fl_scenes_map_json(const struct fl_map *map)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    bool loaded = fl_map_loaded(map, FL_NORMS_ZERO);
    const struct fl_map_stats *stats = loaded ? fl_map_stats(map) : NULL;
    const double *extent = facts->extent;

    return json_pack(
        "{s:s,s:i,s:i,s:i,s:[f,f,f,f],s:o,s:o,s:o,s:s,s:I,s:I}", "name", facts->name, "w", facts->w,
        "h", facts->h, "d", facts->d, "extent", extent[0], extent[1], extent[2], extent[3], "min",
        stats ? fl_json_number((double)stats->min) : json_null(), "max",
        stats ? fl_json_number((double)stats->max) : json_null(), "invalid",
        stats ? json_integer((json_int_t)stats->invalid) : json_null(), "dtype", facts->dtype,
        "bytes", (json_int_t)facts->bytes, "rev", (json_int_t)facts->rev);
}

static json_t *picture_json(const struct fl_picture *picture)
{
    if (!picture)
        return json_null();
    return json_pack("[i,i]", fl_picture_w(picture), fl_picture_h(picture));
}

char *fl_scenes_json(const struct fl_catalogue *catalogue, uint64_t upload)
{
    json_t *scenes = json_array();

    for (size_t i = 0; i < fl_catalogue_count(catalogue); i++) {
        const struct fl_scene *scene = fl_catalogue_scene(catalogue, i);
        json_t *maps = json_array();
        for (size_t k = 0; k < scene->n_maps; k++)
            json_array_append_new(maps, fl_scenes_map_json(scene->maps[k]));
        json_array_append_new(scenes, json_pack("{s:s,s:o,s:I,s:o}", "name", scene->name, "picture",
                                                picture_json(scene->picture), "rev",
                                                (json_int_t)scene->rev, "maps", maps));
    }
    json_t *root = json_pack("{s:o,s:I}", "scenes", scenes, "upload", (json_int_t)upload);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

char *fl_scenes_stored_json(const struct fl_scene *scene, struct fl_map *const *maps, size_t n)
{
    const struct fl_map_facts *facts = n > 0 ? fl_map_facts(maps[0]) : NULL;
    json_t *root = json_pack("{s:s}", "scene", scene->name), *all = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, fl_scenes_map_json(maps[i]));
    if (facts) {
        json_object_update_new(root, json_pack("{s:s,s:i,s:i,s:i,s:I,s:O}", "map", facts->name, "w",
                                               facts->w, "h", facts->h, "d", facts->d, "rev",
                                               (json_int_t)facts->rev, "maps", all));
    } else if (scene->picture) {
        json_object_update_new(root, json_pack("{s:i,s:i,s:I}", "w", fl_picture_w(scene->picture),
                                               "h", fl_picture_h(scene->picture), "rev",
                                               (json_int_t)scene->rev));
    }
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(all);
    json_decref(root);
    return text;
}
