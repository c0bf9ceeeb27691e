#define LOG_MODULE "catalogue"
#include "catalogue.h"

#include "demo.h"
#include "file.h"
#include "scene.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct entry {
    char *name;            // owned; scene.name
    struct fl_scene scene; // owned, as is all in it
};

struct fl_catalogue {
    struct entry *entries; // owned
    size_t n, room;
};

static bool has_scene(const void *user, const char *name)
{
    return fl_catalogue_find(user, name) != NULL;
}

// Takes what the draft holds. "coast" beside another "coast" is "coast-2".
static void add_scene(struct fl_catalogue *catalogue, struct fl_draft *draft)
{
    if (catalogue->n == catalogue->room) {
        size_t room = catalogue->room ? 2 * catalogue->room : 8;
        struct entry *entries = fl_calloc(room, sizeof *entries);
        if (catalogue->n > 0)
            memcpy(entries, catalogue->entries, catalogue->n * sizeof *entries);
        free(catalogue->entries);
        catalogue->entries = entries;
        catalogue->room = room;
    }
    char *name = fl_free_name(draft->name, has_scene, catalogue);
    catalogue->entries[catalogue->n++] =
        (struct entry){name, {name, draft->picture, draft->maps, draft->n_maps}};
    free(draft->name);
    *draft = (struct fl_draft){0};
}

// A sentence is said once: here, unless it is the only one, which the caller says.
struct skipped {
    struct fl_error first;
    size_t n;
};

static void skip(struct skipped *skipped, const struct fl_error *reason)
{
    if (skipped->n++ == 0) {
        skipped->first = *reason;
        return;
    }
    log_error("%s", reason->text);
}

// A zarr store is a directory, but no scene.
static bool is_zarr(const char *path)
{
    return fl_text_has_extension(path, (const char *const[]){"zarr", NULL});
}

static enum fl_err open_entry(const char *path, const struct fl_catalogue_options *options,
                              struct fl_draft *out, struct fl_error *error)
{
    struct stat info;

    if (fl_spec_is_in(path))
        return fl_scene_open_file(path, options, out, error);
    if (stat(path, &info) != 0)
        return fl_fail(error, FL_ERR_NOT_FOUND, "%s cannot be opened: %s; check the path.", path,
                       fl_errno_str());
    if (S_ISREG(info.st_mode))
        return fl_scene_open_file(path, options, out, error);
    if (!S_ISDIR(info.st_mode))
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s is neither a file nor a directory; give the path of one.", path);
    return is_zarr(path) ? fl_file_refuse_foreign(path, error)
                         : fl_scene_open_dir(path, options, out, error);
}

static void add_entry(struct fl_catalogue *catalogue, const char *path,
                      const struct fl_catalogue_options *options, struct skipped *skipped)
{
    struct fl_draft draft = {0};
    struct fl_error reason = {0};
    enum fl_err err = open_entry(path, options, &draft, &reason);

    if (!err)
        err = fl_name_check(path, draft.name, &reason);
    if (err)
        skip(skipped, &reason);
    else
        add_scene(catalogue, &draft);
    fl_draft_finish(&draft);
}

// A directory of scenes: each file and each subdirectory in it.
static void add_collection(struct fl_catalogue *catalogue, const char *path,
                           const struct fl_catalogue_options *options, struct skipped *skipped)
{
    char **names = NULL;
    struct fl_error reason = {0};
    size_t n = 0, before = catalogue->n + skipped->n;

    if (fl_scene_list(path, &names, &n, &reason)) {
        skip(skipped, &reason);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        bool is_dir = names[i][len - 1] == '/';
        if (is_dir)
            names[i][len - 1] = '\0';
        char *full = fl_text_format("%s/%s", path, names[i]);
        if (is_dir || fl_file_is_map(full) || fl_file_kind_of(full) == FL_FILE_PICTURE)
            add_entry(catalogue, full, options, skipped);
        else if (!fl_file_is_part(full))
            log_info("%s is no map and no picture and is left out", full);
        free(full);
    }
    fl_scene_free_list(names, n);
    if (catalogue->n + skipped->n > before)
        return;
    fl_fail(&reason, FL_ERR_NOT_FOUND,
            "%s holds nothing to show; put a .npy, .npz, .safetensors, ENVI cube, IFeaLiD "
            ".zip, JPEG or PNG into it.",
            path);
    skip(skipped, &reason);
}

static void add_path(struct fl_catalogue *catalogue, const char *path,
                     const struct fl_catalogue_options *options, struct skipped *skipped)
{
    struct stat info;
    // "." and "dir/" have names too.
    char *real = realpath(path, NULL);
    const char *named = real ? real : path;
    bool is_dir = stat(named, &info) == 0 && S_ISDIR(info.st_mode);

    if (is_dir && !fl_scene_is_marked(named) && !is_zarr(named))
        add_collection(catalogue, named, options, skipped);
    else
        add_entry(catalogue, is_dir ? named : path, options, skipped);
    free(real);
}

static enum fl_err add_demo(struct fl_catalogue *catalogue,
                            const struct fl_catalogue_options *options, struct fl_error *error)
{
    struct fl_draft draft = {.name = fl_text_copy("demo")};
    struct fl_map_source sources[2] = {{0}};
    const char *names[2] = {0};
    enum fl_err err =
        fl_demo_open(&draft.picture, sources, names, options->progress, options->user, error);

    for (int i = 0; i < 2 && !err; i++)
        err = fl_draft_add(&draft, names[i], &sources[i], NULL, error);
    fl_map_source_finish(&sources[1]); // where the first failed
    if (!err)
        add_scene(catalogue, &draft);
    fl_draft_finish(&draft);
    return err;
}

enum fl_err fl_catalogue_open(char *const *paths, size_t n,
                              const struct fl_catalogue_options *options, struct fl_catalogue **out,
                              struct fl_error *error)
{
    struct fl_catalogue *catalogue = fl_new(struct fl_catalogue);
    struct skipped skipped = {0};
    enum fl_err err = FL_OK;

    if (n == 0)
        err = add_demo(catalogue, options, error);
    for (size_t i = 0; i < n; i++)
        add_path(catalogue, paths[i], options, &skipped);
    if (!err && catalogue->n == 0) {
        err = skipped.first.code;
        if (error)
            *error = skipped.first;
    } else if (skipped.n > 0) {
        log_error("%s", skipped.first.text);
    }
    *out = err ? NULL : catalogue;
    if (err)
        fl_catalogue_close(catalogue);
    return err;
}

void fl_catalogue_close(struct fl_catalogue *catalogue)
{
    if (!catalogue)
        return;
    for (size_t i = 0; i < catalogue->n; i++) {
        struct fl_scene *scene = &catalogue->entries[i].scene;
        for (size_t k = 0; k < scene->n_maps; k++)
            fl_map_unref(scene->maps[k]);
        fl_picture_unref(scene->picture);
        free(scene->maps);
        free(catalogue->entries[i].name);
    }
    free(catalogue->entries);
    free(catalogue);
}

size_t fl_catalogue_count(const struct fl_catalogue *catalogue)
{
    return catalogue->n;
}

const struct fl_scene *fl_catalogue_scene(const struct fl_catalogue *catalogue, size_t at)
{
    return &catalogue->entries[at].scene;
}

const struct fl_scene *fl_catalogue_find(const struct fl_catalogue *catalogue, const char *scene)
{
    for (size_t i = 0; i < catalogue->n; i++)
        if (strcmp(catalogue->entries[i].name, scene) == 0)
            return &catalogue->entries[i].scene;
    return NULL;
}

struct fl_map *fl_catalogue_find_map(const struct fl_catalogue *catalogue, const char *name,
                                     const struct fl_scene **scene)
{
    const char *slash = strchr(name, '/'); // names hold none
    size_t len = slash ? (size_t)(slash - name) : 0;

    for (size_t i = 0; slash && i < catalogue->n; i++) {
        const struct fl_scene *it = &catalogue->entries[i].scene;
        if (strlen(it->name) != len || memcmp(it->name, name, len) != 0)
            continue;
        *scene = it;
        for (size_t k = 0; k < it->n_maps; k++)
            if (strcmp(fl_map_facts(it->maps[k])->name, slash + 1) == 0)
                return it->maps[k];
    }
    return NULL;
}
