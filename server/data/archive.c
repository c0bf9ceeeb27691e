#define LOG_MODULE "archive"
#include "archive.h"

#include "array_picture.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

void fl_archive_finish(struct fl_archive *archive)
{
    for (size_t i = 0; i < archive->n; i++)
        free(archive->arrays[i].name);
    free(archive->arrays);
    free(archive->picture);
    *archive = (struct fl_archive){0};
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum fl_err fl_archive_check_names(const struct fl_archive *archive, struct fl_error *error)
{
    const char **names = fl_calloc(archive->n + 1, sizeof *names);
    const char *twice = NULL;

    for (size_t i = 0; i < archive->n; i++)
        names[i] = archive->arrays[i].name;
    qsort(names, archive->n, sizeof *names, compare_names);
    for (size_t i = 1; i < archive->n && !twice; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            twice = names[i];
    free(names);
    if (!twice)
        return FL_OK;
    return fl_fail(error, FL_ERR_FORMAT, "%s holds two arrays named \"%.60s\"; save it again.",
                   archive->file.what, twice);
}

// Where the values are: in the file, shared, or packed in it.
static void attach(const struct fl_archive *archive, const struct fl_archive_array *array,
                   struct fl_map_source *source)
{
    source->mapping = fl_mapping_share(archive->file.mapping);
    if (archive->pack)
        archive->pack(archive, array, source);
    else
        source->base = (const uint8_t *)archive->file.at + source->offset;
}

static const struct fl_archive_array *find(const struct fl_archive *archive, const char *name)
{
    for (size_t i = 0; i < archive->n; i++)
        if (strcmp(archive->arrays[i].name, name) == 0)
            return &archive->arrays[i];
    return NULL;
}

// The picture's array; NULL where there is none, or its array is no picture.
static const struct fl_archive_array *find_picture(const struct fl_archive *archive)
{
    const char *name = archive->picture ? archive->picture : "image";
    const struct fl_archive_array *array = find(archive, name);

    if (!array || array->fault.code)
        return NULL;
    if (fl_array_is_picture(&array->array))
        return array;
    log_info("%s: %s is no picture, which is uint8 of (H, W, 3), (H, W, 4) or (H, W)",
             archive->file.what, name);
    return NULL;
}

static enum fl_err add_picture(const struct fl_archive *archive,
                               const struct fl_archive_array *array, struct fl_layers *out,
                               struct fl_error *error)
{
    struct fl_map_source source = {0};
    char *what = fl_text_format("%s: %s", archive->file.what, array->name);
    enum fl_err err = fl_array_picture_source(what, &array->array, array->data, &source, error);

    if (!err) {
        attach(archive, array, &source);
        out->picture = fl_array_picture(what, &source);
    }
    free(what);
    return err;
}

// What the person said stands over what the file says, and that over what is said for all files.
static struct fl_layout_hint hint_of(const struct fl_archive_array *array,
                                     const struct fl_layout_hint *hint)
{
    struct fl_layout_hint out = *hint;

    if (array->said.layout && (hint->otherwise || !hint->layout)) {
        out.layout = array->said.layout;
        memcpy(out.grid, array->said.grid, sizeof out.grid);
        out.skip = array->said.skip;
    }
    if (array->has_extent && (hint->size[0] <= 0 || hint->of_picture)) {
        out.size[0] = array->extent[2] - array->extent[0];
        out.size[1] = array->extent[3] - array->extent[1];
    }
    return out;
}

static enum fl_err add_layer(const struct fl_archive *archive, const struct fl_archive_array *array,
                             const struct fl_layout_hint *hint, struct fl_layers *out,
                             struct fl_error *error)
{
    struct fl_map_source source = {0};

    if (array->fault.code) {
        if (error)
            *error = array->fault;
        return array->fault.code;
    }
    char *what = fl_text_format("%s: %s", archive->file.what, array->name);
    enum fl_err err = fl_array_source(what, &array->array, hint, array->data, &source, error);
    free(what);
    if (err)
        return err;
    attach(archive, array, &source);
    struct fl_layer *layer = fl_layers_add(out, array->name, &source);
    layer->has_extent = array->has_extent;
    memcpy(layer->extent, array->extent, sizeof layer->extent);
    return FL_OK;
}

// Archives often hold other things than maps (names, weights of rare types).
static void say_left_out(const struct fl_error *reason)
{
    if (reason->code == FL_ERR_UNSUPPORTED)
        log_info("%s", reason->text);
    else
        log_error("%s", reason->text);
}

struct sorting { // of the arrays
    size_t passed_over;
    struct fl_error first; // the first that cannot be read
};

static void sort_one(const struct fl_archive *archive, const struct fl_archive_array *array,
                     const struct fl_layout_hint *hint, struct sorting *sorting,
                     struct fl_layers *out)
{
    struct fl_layout_hint own = hint_of(array, hint);
    struct fl_error reason = {0};

    if (!array->fault.code && !fl_layout_may_be(array->array.n_dims, &own)) {
        sorting->passed_over++;
        return;
    }
    if (!add_layer(archive, array, &own, out, &reason))
        return;
    if (!sorting->first.code) // said once: by the caller where nothing else is there
        sorting->first = reason;
    else
        say_left_out(&reason);
}

static enum fl_err finish(const struct fl_archive *archive, const struct sorting *sorting,
                          const struct fl_layers *out, struct fl_error *error)
{
    if (sorting->passed_over > 0 && (out->n > 0 || out->picture))
        log_info("%s: %zu array%s without the axes of a map %s left out", archive->file.what,
                 sorting->passed_over, sorting->passed_over == 1 ? "" : "s",
                 sorting->passed_over == 1 ? "is" : "are");
    if (out->n == FL_ARCHIVE_LAYERS)
        log_warn("%s: its first %d maps are shown, and what is behind them is left out",
                 archive->file.what, FL_ARCHIVE_LAYERS);
    if (sorting->first.code && out->n > 0) {
        say_left_out(&sorting->first);
        return FL_OK;
    }
    if (sorting->first.code) {
        if (error)
            *error = sorting->first;
        return sorting->first.code;
    }
    if (out->n > 0 || out->picture)
        return FL_OK;
    if (sorting->passed_over == 0)
        return fl_fail(error, FL_ERR_NOT_FOUND,
                       "%s holds no array; save one with the shape (H, W, C) into it.",
                       archive->file.what);
    return fl_fail(error, FL_ERR_UNSUPPORTED,
                   "%s holds %zu array%s and none with the axes of a map, (H, W, C) or (C, H, W); "
                   "tokens need layout NLC and their grid in scene.json.",
                   archive->file.what, sorting->passed_over, sorting->passed_over == 1 ? "" : "s");
}

// One array alone, by its name.
static enum fl_err open_named(const struct fl_archive *archive, const char *name,
                              const struct fl_layout_hint *hint, struct fl_layers *out,
                              struct fl_error *error)
{
    const struct fl_archive_array *array = find(archive, name);

    if (!array)
        return fl_fail(error, FL_ERR_NOT_FOUND,
                       "%s holds no array named \"%.60s\"; name one that it holds.",
                       archive->file.what, name);
    struct fl_layout_hint own = hint_of(array, hint);
    return add_layer(archive, array, &own, out, error);
}

enum fl_err fl_archive_layers(const struct fl_archive *archive, const struct fl_spec *spec,
                              const struct fl_layout_hint *hint, struct fl_layers *out,
                              struct fl_error *error)
{
    const struct fl_archive_array *picture = find_picture(archive);
    struct fl_layout_hint sized = *hint;
    struct sorting sorting = {0};
    enum fl_err err = FL_OK;

    *out = (struct fl_layers){0};
    if (picture)
        err = add_picture(archive, picture, out, error);
    if (!err && picture && sized.size[0] <= 0) {
        sized.size[0] = fl_picture_w(out->picture);
        sized.size[1] = fl_picture_h(out->picture);
        sized.of_picture = true;
    }
    if (!err && spec->array) {
        err = open_named(archive, spec->array, &sized, out, error);
    } else if (!err) {
        for (size_t i = 0; i < archive->n && out->n < FL_ARCHIVE_LAYERS; i++)
            if (&archive->arrays[i] != picture)
                sort_one(archive, &archive->arrays[i], &sized, &sorting, out);
        err = finish(archive, &sorting, out, error);
    }
    if (err)
        fl_layers_finish(out);
    return err;
}
