#include "catalogue.h"

#include "collection.h"
#include "draft.h"

#include "server/base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct fl_scene_owner {
    _Atomic(unsigned) refs;
    char *name;            // owned; scene.name
    struct fl_scene scene; // and all in it
};

struct fl_catalogue {
    const struct fl_scene **scenes; // owned; shared references
    size_t n;
};

const struct fl_scene *fl_scene_take(struct fl_draft *draft, const char *name, uint32_t rev)
{
    struct fl_scene_owner *owner = fl_new(struct fl_scene_owner);

    atomic_init(&owner->refs, 1);
    owner->name = strdup(name);
    owner->scene =
        (struct fl_scene){owner->name, draft->picture, draft->maps, draft->n_maps, rev, owner};
    draft->picture = NULL;
    draft->maps = NULL;
    draft->n_maps = 0;
    return &owner->scene;
}

const struct fl_scene *fl_scene_ref(const struct fl_scene *scene)
{
    atomic_fetch_add_explicit(&scene->owner->refs, 1, memory_order_relaxed);
    return scene;
}

void fl_scene_unref(const struct fl_scene *scene)
{
    if (!scene || atomic_fetch_sub(&scene->owner->refs, 1) != 1)
        return;
    struct fl_scene_owner *owner = scene->owner;
    for (size_t k = 0; k < scene->n_maps; k++)
        fl_map_unref(scene->maps[k]);
    fl_picture_unref(scene->picture);
    free(owner->scene.maps);
    free(owner->name);
    free(owner);
}

struct fl_map *fl_scene_find_map(const struct fl_scene *scene, const char *layer)
{
    for (size_t k = 0; k < scene->n_maps; k++)
        if (strcmp(fl_map_facts(scene->maps[k])->name, layer) == 0)
            return scene->maps[k];
    return NULL;
}

struct fl_catalogue *fl_catalogue_of(const struct fl_scene *const *scenes, size_t n)
{
    struct fl_catalogue *catalogue = fl_new(struct fl_catalogue);

    catalogue->scenes = fl_calloc(n + 1, sizeof(const struct fl_scene *));
    for (size_t i = 0; i < n; i++)
        catalogue->scenes[i] = fl_scene_ref(scenes[i]);
    catalogue->n = n;
    return catalogue;
}

enum fl_err fl_catalogue_open(char *const *paths, size_t n,
                              const struct fl_catalogue_options *options, struct fl_catalogue **out,
                              struct fl_error *error)
{
    struct fl_collection *collection = NULL;
    enum fl_err err = fl_collection_open(paths, n, options, &collection, error);

    *out = err ? NULL : fl_collection_show(collection);
    if (!err && (*out)->n == 0) {
        err = fl_collection_say_empty(collection, error);
        fl_catalogue_close(*out);
        *out = NULL;
    }
    fl_collection_close(collection);
    return err;
}

void fl_catalogue_close(struct fl_catalogue *catalogue)
{
    if (!catalogue)
        return;
    for (size_t i = 0; i < catalogue->n; i++)
        fl_scene_unref(catalogue->scenes[i]);
    free(catalogue->scenes);
    free(catalogue);
}

size_t fl_catalogue_count(const struct fl_catalogue *catalogue)
{
    return catalogue->n;
}

const struct fl_scene *fl_catalogue_scene(const struct fl_catalogue *catalogue, size_t at)
{
    return catalogue->scenes[at];
}

const struct fl_scene *fl_catalogue_find(const struct fl_catalogue *catalogue, const char *scene)
{
    for (size_t i = 0; i < catalogue->n; i++)
        if (strcmp(catalogue->scenes[i]->name, scene) == 0)
            return catalogue->scenes[i];
    return NULL;
}

struct fl_map *fl_catalogue_find_map(const struct fl_catalogue *catalogue, const char *name,
                                     const struct fl_scene **scene)
{
    const char *slash = strchr(name, '/'); // names hold none
    size_t len = slash ? (size_t)(slash - name) : 0;

    for (size_t i = 0; slash && i < catalogue->n; i++) {
        const struct fl_scene *it = catalogue->scenes[i];
        if (strlen(it->name) != len || memcmp(it->name, name, len) != 0)
            continue;
        *scene = it;
        return fl_scene_find_map(it, slash + 1);
    }
    return NULL;
}
