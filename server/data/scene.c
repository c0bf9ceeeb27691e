#define LOG_MODULE "scene"
#include "scene.h"

#include "file.h"
#include "filter_bank.h"
#include "scene_json.h"
#include "stamp.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void fl_scene_free_list(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

static char *listed_name(const char *path, const char *name)
{
    char *full = fl_text_format("%s/%s", path, name);
    struct stat info;
    bool is_dir = stat(full, &info) == 0 && S_ISDIR(info.st_mode);

    free(full);
    return fl_text_format("%s%s", name, is_dir ? "/" : "");
}

enum fl_err fl_scene_list(const char *path, char ***names, size_t *n, struct fl_error *error)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, NULL);

    *names = NULL;
    *n = 0;
    if (count < 0)
        return fl_fail(error, FL_ERR_IO, "%s cannot be listed: %s; check the path and its rights.",
                       path, fl_errno_str());
    char **list = fl_calloc((size_t)count + 1, sizeof *list);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            list[(*n)++] = listed_name(path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    qsort(list, *n, sizeof *list, fl_text_natural_order);
    *names = list;
    return FL_OK;
}

static bool is_picture_name(const char *name)
{
    return fl_file_kind_of(name) == FL_FILE_PICTURE && strncasecmp(name, "picture.", 8) == 0;
}

bool fl_scene_is_marked(const char *path)
{
    char **names = NULL;
    size_t n = 0;
    bool marked = false;

    if (fl_scene_list(path, &names, &n, NULL))
        return false;
    for (size_t i = 0; i < n; i++)
        marked = marked || is_picture_name(names[i]) || strcmp(names[i], "scene.json") == 0;
    fl_scene_free_list(names, n);
    return marked;
}

static enum fl_err add_filter_bank(struct fl_draft *draft,
                                   const struct fl_catalogue_options *options,
                                   struct fl_error *error)
{
    struct fl_map_source source = {0};

    draft->stamp = fl_picture_stamp(draft->picture);
    enum fl_err err =
        fl_filter_bank_source(draft->picture, &source, options->progress, options->user, error);

    return err ? err : fl_draft_add(draft, "filter-bank", &source, NULL, error);
}

// A map's file is looked at before it is opened: one written meanwhile is seen as changed later. How
// it is to be read is part of what it is. (Looking for what lies beside it reads the whole directory, and
// only a header's values do.)
static uint64_t stamp_map(const char *path, const struct fl_wanted *wanted,
                          enum fl_layout otherwise)
{
    const struct fl_spec *spec = &wanted->spec;
    bool is_header = fl_file_kind_of(path) == FL_FILE_ENVI;
    uint64_t stamp = is_header ? fl_stamp_family(path) : fl_stamp_file(path);
    char *said = fl_text_format("%d %s %d %d %d", spec->layout ? spec->layout : otherwise,
                                spec->array ? spec->array : "", spec->raw, spec->has_type,
                                (int)spec->type * 2 + spec->swap);

    stamp += stamp ? fl_stamp_bytes(said, strlen(said)) : 0;
    stamp += stamp ? fl_stamp_bytes(spec->grid, sizeof spec->grid) + spec->skip : 0;
    stamp += stamp ? fl_stamp_bytes(spec->dims, sizeof spec->dims) + spec->offset : 0;
    free(said);
    return stamp;
}

// The rectangle that the file's maps cover, where somebody says it, or the picture's.
static void find_size(const struct fl_draft *draft, const struct fl_wanted *wanted, double size[2])
{
    if (wanted->has_extent) {
        size[0] = wanted->extent[2] - wanted->extent[0];
        size[1] = wanted->extent[3] - wanted->extent[1];
    } else if (draft->picture) {
        size[0] = fl_picture_w(draft->picture);
        size[1] = fl_picture_h(draft->picture);
    }
}

static enum fl_err add_layer(struct fl_draft *draft, const char *path, const char *name,
                             const struct fl_wanted *wanted, struct fl_layer *layer,
                             struct fl_error *error)
{
    const double *extent = wanted->has_extent  ? wanted->extent
                           : layer->has_extent ? layer->extent
                                               : NULL;
    char *what = fl_text_format("%s: %s", path, name); // for its own sentence
    enum fl_err err = fl_name_check(what, name, error);

    free(what);
    return err ? err : fl_draft_add(draft, name, &layer->source, extent, error);
}

// The maps of one file as layers. One that cannot be added (its name) does not keep the others out.
static enum fl_err add_layers(struct fl_draft *draft, const char *path,
                              const struct fl_wanted *wanted, struct fl_layers *layers,
                              struct fl_error *error)
{
    struct fl_error first = {0};
    size_t before = draft->n_maps;
    char *file_name = fl_file_name(path);

    for (size_t i = 0; i < layers->n; i++) {
        struct fl_layer *layer = &layers->at[i];
        const char *own = layer->name ? layer->name : file_name;
        struct fl_error reason = {0};
        if (!add_layer(draft, path, wanted->name ? wanted->name : own, wanted, layer, &reason))
            continue;
        if (!first.code)
            first = reason;
        else
            log_error("%s", reason.text);
    }
    free(file_name);
    if (!first.code)
        return FL_OK;
    if (draft->n_maps > before) {
        log_error("%s", first.text);
        return FL_OK;
    }
    if (error)
        *error = first;
    return first.code;
}

// Where the maps lie elsewhere than in 0, 0, w, h, one of their own cells would not lie under them.
static void take_picture(struct fl_draft *draft, const struct fl_wanted *wanted,
                         struct fl_layers *layers)
{
    if (!layers->picture || draft->picture || draft->n_maps > 0 ||
        (layers->is_grid && wanted->has_extent))
        return;
    draft->picture = layers->picture;
    layers->picture = NULL;
    if (fl_picture_stamp(draft->picture) == 0) // made of the file: as new as that
        fl_picture_set_stamp(draft->picture, draft->stamp);
}

// One map file; a picture in it becomes the scene's where there is none.
static enum fl_err add_file(struct fl_draft *draft, const char *path,
                            const struct fl_wanted *wanted, enum fl_layout layout,
                            struct fl_error *error)
{
    struct fl_layers layers = {0};
    double size[2] = {0};

    find_size(draft, wanted, size);
    struct fl_layout_hint hint = fl_spec_hint(&wanted->spec, layout, size);
    hint.of_picture = !wanted->has_extent;
    enum fl_err err = fl_file_open(path, &wanted->spec, &hint, &layers, error);
    if (!err && wanted->name && layers.n > 1)
        err = fl_fail(error, FL_ERR_FORMAT,
                      "%s holds %zu maps, and \"name\" is for one; say which with \"array\".", path,
                      layers.n);
    if (!err)
        take_picture(draft, wanted, &layers);
    if (!err)
        err = add_layers(draft, path, wanted, &layers, error);
    fl_layers_finish(&layers);
    return err;
}

// A file, or a file with words behind it (spec.h).
static enum fl_err open_map_file(const char *path, const struct fl_catalogue_options *options,
                                 struct fl_draft *out, struct fl_error *error)
{
    struct fl_wanted wanted = {0};
    char *file = NULL;
    enum fl_err err = FL_OK;

    if (fl_spec_is_in(path))
        err = fl_spec_split(path, &file, &wanted.spec, error);
    if (!err)
        out->name = fl_file_name(file ? file : path);
    if (!err) {
        out->stamp = stamp_map(file ? file : path, &wanted, options->layout);
        err = add_file(out, file ? file : path, &wanted, options->layout, error);
    }
    free(file);
    if (!err && out->n_maps == 0) // a picture alone
        err = add_filter_bank(out, options, error);
    return err;
}

enum fl_err fl_scene_open_file(const char *path, const struct fl_catalogue_options *options,
                               struct fl_draft *out, struct fl_error *error)
{
    enum fl_err err = FL_OK;

    *out = (struct fl_draft){0};
    if (fl_file_kind_of(path) == FL_FILE_PICTURE) {
        out->name = fl_file_name(path);
        err = fl_picture_open(path, &out->picture, error);
        if (!err)
            err = add_filter_bank(out, options, error);
    } else {
        err = open_map_file(path, options, out, error);
    }
    if (err)
        fl_draft_finish(out);
    return err;
}

// What scene.json leaves open is what the directory holds.
static enum fl_err want_rest(const char *path, struct fl_wanted_scene *out, struct fl_error *error)
{
    char **names = NULL;
    size_t n = 0;
    enum fl_err err = fl_scene_list(path, &names, &n, error);

    if (err)
        return err;
    for (size_t i = 0; i < n && !out->picture; i++)
        if (is_picture_name(names[i]))
            out->picture = fl_text_copy(names[i]);
    if (!out->has_maps)
        out->maps = fl_calloc(n + 1, sizeof *out->maps);
    for (size_t i = 0; i < n && !out->has_maps; i++) {
        char *full = fl_text_format("%s/%s", path, names[i]);
        bool is_known = (out->picture && strcmp(names[i], out->picture) == 0) ||
                        strcmp(names[i], "scene.json") == 0 || fl_file_is_part(full);
        if (fl_file_is_map(full))
            out->maps[out->n_maps++].file = fl_text_copy(names[i]);
        else if (!is_known)
            log_info("%s is not a map and is left out", full);
        free(full);
    }
    fl_scene_free_list(names, n);
    return FL_OK;
}

static enum fl_err open_picture(const char *path, const struct fl_wanted_scene *wanted,
                                struct fl_draft *out, struct fl_error *error)
{
    if (!wanted->picture)
        return FL_OK;
    char *full = fl_text_format("%s/%s", path, wanted->picture);
    enum fl_err err = fl_picture_open(full, &out->picture, error);
    free(full);
    return err;
}

static enum fl_err add_wanted(const char *path, const struct fl_wanted_scene *wanted,
                              const struct fl_catalogue_options *options, struct fl_draft *out,
                              struct fl_error *error)
{
    struct fl_error first = {0};

    for (size_t i = 0; i < wanted->n_maps; i++) {
        struct fl_error reason = {0};
        char *full = fl_text_format("%s/%s", path, wanted->maps[i].file);
        out->stamp = stamp_map(full, &wanted->maps[i], options->layout);
        if (add_file(out, full, &wanted->maps[i], options->layout, &reason)) {
            if (!first.code) // said once: by the caller where it is the end of the scene
                first = reason;
            else
                log_error("%s", reason.text);
        }
        free(full);
    }
    if (out->n_maps > 0) {
        if (first.code)
            log_error("%s", first.text);
        return FL_OK;
    }
    if (first.code) {
        *error = first;
        return first.code;
    }
    if (out->picture)
        return add_filter_bank(out, options, error);
    return fl_fail(error, FL_ERR_NOT_FOUND,
                   "%s holds no feature map; put a .npy, .npz, .safetensors, ENVI cube or "
                   "IFeaLiD .zip into it.",
                   path);
}

enum fl_err fl_scene_open_wanted(const char *path, const struct fl_wanted_scene *wanted,
                                 const struct fl_catalogue_options *options, struct fl_draft *out,
                                 struct fl_error *error)
{
    struct fl_error reason = {0};

    *out = (struct fl_draft){.name = fl_text_copy(fl_text_base(path))};
    enum fl_err err = open_picture(path, wanted, out, &reason);
    if (!err)
        err = add_wanted(path, wanted, options, out, &reason);
    if (!err)
        return FL_OK;
    fl_draft_finish(out);
    if (error)
        *error = reason;
    return err;
}

enum fl_err fl_scene_open_dir(const char *path, const struct fl_catalogue_options *options,
                              struct fl_draft *out, struct fl_error *error)
{
    struct fl_wanted_scene wanted = {0};

    *out = (struct fl_draft){0};
    enum fl_err err = fl_scene_json_read(path, &wanted, error);
    if (!err)
        err = want_rest(path, &wanted, error);
    if (!err)
        err = fl_scene_open_wanted(path, &wanted, options, out, error);
    fl_wanted_scene_finish(&wanted);
    return err;
}
