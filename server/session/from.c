#include "from.h"

enum fl_err fl_from_find(const struct fl_catalogue *catalogue, const struct fl_state *state,
                         const struct fl_looked_at *own, struct fl_map **out,
                         struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(own->map);
    const struct fl_scene *scene = NULL;

    *out = NULL;
    if (state->from[0] == '\0')
        return FL_OK;
    struct fl_map *map = fl_catalogue_find_map(catalogue, state->from, &scene);
    if (!map)
        return fl_fail(error, FL_ERR_NOT_FOUND,
                       "There is no map \"%.200s\" to take the reference from; choose one of those "
                       "that `scenes` lists.",
                       state->from);
    if (fl_map_facts(map)->d != facts->d)
        return fl_fail(
            error, FL_ERR_RANGE,
            "The vectors of \"%.150s\" have %d numbers and those of \"%.80s/%.80s\" have "
            "%d; compare maps whose vectors are of the same length.",
            state->from, fl_map_facts(map)->d, own->scene->name, facts->name, facts->d);
    *out = map == own->map ? NULL : map;
    return FL_OK;
}

enum fl_err fl_from_resolve(const struct fl_catalogue *catalogue, const struct fl_state *state,
                            const struct fl_looked_at *own, struct fl_resolved *out,
                            struct fl_error *error)
{
    enum fl_err err = fl_from_find(catalogue, state, own, &out->from, error);
    const struct fl_resolve_maps maps = {own->map, out->from, own->scene->picture};

    return err ? err : fl_resolve(state, &maps, &out->render, &out->where, error);
}
