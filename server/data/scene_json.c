#include "scene_json.h"

#include "draft.h"
#include "text.h"

#include "server/base/mem.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_BYTES = 1048576 }; // of scene.json

void fl_wanted_scene_finish(struct fl_wanted_scene *scene)
{
    for (size_t i = 0; i < scene->n_maps; i++) {
        free(scene->maps[i].file);
        free(scene->maps[i].name);
        free(scene->maps[i].array);
    }
    free(scene->maps);
    free(scene->picture);
    *scene = (struct fl_wanted_scene){0};
}

// A file of the scene's own directory: nothing absolute, no way out of it.
static enum fl_err read_file(const char *path, const char *key, const json_t *value, char **out,
                             struct fl_error *error)
{
    const char *text = json_string_value(value);

    if (!text || !*text)
        return fl_fail(error, FL_ERR_FORMAT, "%s: \"%s\" must be the name of a file.", path, key);
    if (text[0] == '/' || strcmp(text, "..") == 0 || strncmp(text, "../", 3) == 0 ||
        strstr(text, "/../") || (strlen(text) > 3 && !strcmp(text + strlen(text) - 3, "/..")))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"%s\" lies outside the scene's directory; put the file into it.", path,
                       text);
    *out = fl_text_copy(text);
    return FL_OK;
}

static enum fl_err read_name(const char *path, const json_t *value, char **out,
                             struct fl_error *error)
{
    const char *text = json_string_value(value);

    if (!text)
        return fl_fail(error, FL_ERR_FORMAT, "%s: a map's \"name\" must be a string.", path);
    enum fl_err err = fl_name_check(path, text, error);
    if (!err)
        *out = fl_text_copy(text);
    return err;
}

static enum fl_err read_extent(const char *path, const json_t *value, struct fl_wanted *out,
                               struct fl_error *error)
{
    bool good = json_is_array(value) && json_array_size(value) == 4;

    for (size_t i = 0; good && i < 4; i++) {
        const json_t *number = json_array_get(value, i);
        out->extent[i] = json_number_value(number);
        good = json_is_number(number) && isfinite(out->extent[i]);
    }
    if (!good || out->extent[0] >= out->extent[2] || out->extent[1] >= out->extent[3])
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"extent\" must be [x0, y0, x1, y1] in picture pixels with x0 < x1 and "
                       "y0 < y1.",
                       path);
    out->has_extent = true;
    return FL_OK;
}

// A text, a whole number or a list of them as the text that fl_spec_set takes; NULL for anything else.
static char *text_of(const json_t *value)
{
    size_t n = json_array_size(value);
    bool good = n > 0 && n <= FL_ARRAY_DIMS;

    if (json_is_string(value))
        return fl_text_copy(json_string_value(value));
    if (json_is_integer(value))
        return fl_text_format("%lld", (long long)json_integer_value(value));
    char *text = fl_text_copy("");
    for (size_t i = 0; i < n && good; i++) {
        const json_t *number = json_array_get(value, i);
        char *longer =
            fl_text_format("%s%s%lld", text, i ? "," : "", (long long)json_integer_value(number));
        free(text);
        text = longer;
        good = json_is_integer(number);
    }
    if (good)
        return text;
    free(text);
    return NULL;
}

// What else is said about the file.
static enum fl_err read_spec(const char *path, const json_t *map, struct fl_wanted *out,
                             struct fl_error *error)
{
    static const char *const keys[] = {"layout", "grid", "skip", "shape", "dtype", "offset"};
    enum fl_err err = FL_OK;

    for (size_t k = 0; k < sizeof keys / sizeof *keys && !err; k++) {
        const json_t *value = json_object_get(map, keys[k]);
        char *text = value ? text_of(value) : NULL;
        if (text)
            err = fl_spec_set(&out->spec, path, keys[k], text, error);
        else if (value)
            err = fl_fail(error, FL_ERR_FORMAT,
                          "%s: \"%s\" must be a text, a whole number or a list of them.", path,
                          keys[k]);
        free(text);
    }
    const json_t *array = json_object_get(map, "array");
    if (!err && array && !json_is_string(array))
        err = fl_fail(error, FL_ERR_FORMAT, "%s: \"array\" must be the name of an array.", path);
    if (!err && array)
        out->array = fl_text_copy(json_string_value(array));
    out->spec.array = out->array;
    out->spec.raw = out->spec.n_dims > 0;
    if (!err)
        err = fl_spec_check(&out->spec, path, error);
    if (err && error)
        error->code = FL_ERR_FORMAT; // the file's fault, whichever value it is
    return err ? FL_ERR_FORMAT : FL_OK;
}

// A misspelt key would be passed over in silence, and the extent with it.
static enum fl_err check_keys(const char *path, json_t *object, const char *const *known,
                              struct fl_error *error)
{
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(object, key, value)
    {
        const char *const *name = known;
        while (*name && strcmp(*name, key) != 0)
            name++;
        if (!*name)
            return fl_fail(error, FL_ERR_FORMAT,
                           "%s: \"%.60s\" is not a key that is known; there are \"picture\" and "
                           "\"maps\", and for each map \"file\", \"array\", \"name\", \"extent\", "
                           "\"layout\", \"grid\", \"skip\", \"shape\", \"dtype\" and \"offset\".",
                           path, key);
    }
    return FL_OK;
}

static enum fl_err read_map(const char *path, json_t *map, struct fl_wanted *out,
                            struct fl_error *error)
{
    static const char *const keys[] = {"file", "array", "name",  "extent", "layout", "grid",
                                       "skip", "shape", "dtype", "offset", NULL};
    const json_t *name = json_object_get(map, "name"), *extent = json_object_get(map, "extent");

    if (!json_is_object(map))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: each of \"maps\" must be an object like {\"file\": \"conv4.npy\"}.",
                       path);
    enum fl_err err = check_keys(path, map, keys, error);
    if (!err)
        err = read_file(path, "file", json_object_get(map, "file"), &out->file, error);
    if (!err && name)
        err = read_name(path, name, &out->name, error);
    if (!err && extent)
        err = read_extent(path, extent, out, error);
    if (!err)
        err = read_spec(path, map, out, error);
    return err;
}

enum fl_err fl_scene_json_parse(const char *path, json_t *root, struct fl_wanted_scene *out,
                                struct fl_error *error)
{
    static const char *const keys[] = {"picture", "maps", NULL};
    const json_t *picture = json_object_get(root, "picture"), *maps = json_object_get(root, "maps");

    if (!json_is_object(root) || (maps && (!json_is_array(maps) || json_array_size(maps) == 0)))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s must be {\"picture\": \"FILE\", \"maps\": [{\"file\": \"FILE\"}]}.",
                       path);
    enum fl_err err = check_keys(path, root, keys, error);
    if (!err && picture)
        err = read_file(path, "picture", picture, &out->picture, error);
    if (err || !maps)
        return err;
    size_t n = json_array_size(maps);
    out->has_maps = true;
    out->maps = fl_calloc(n, sizeof *out->maps);
    for (size_t i = 0; i < n && !err; i++)
        err = read_map(path, json_array_get(maps, i), &out->maps[out->n_maps++], error);
    return err;
}

enum fl_err fl_scene_json_read(const char *dir, struct fl_wanted_scene *out, struct fl_error *error)
{
    char *path = fl_text_format("%s/scene.json", dir);
    enum fl_err err = FL_OK;
    json_error_t reason;
    struct stat info;

    *out = (struct fl_wanted_scene){0};
    if (stat(path, &info) != 0) {
        free(path);
        return FL_OK;
    }
    bool readable = S_ISREG(info.st_mode) && info.st_size <= MAX_BYTES;
    json_t *root = readable ? json_load_file(path, JSON_REJECT_DUPLICATES, &reason) : NULL;
    if (!readable)
        err = fl_fail(error, FL_ERR_FORMAT, "%s is not a file of at most %d bytes; mend it.", path,
                      MAX_BYTES);
    else if (!root)
        err = fl_fail(error, FL_ERR_FORMAT, "%s is not JSON: %s in line %d; mend it.", path,
                      reason.text, reason.line);
    else
        err = fl_scene_json_parse(path, root, out, error);
    json_decref(root);
    if (err)
        fl_wanted_scene_finish(out);
    free(path);
    return err;
}
