#include "scene_json.h"

#include "server/base/mem.h"
#include "text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fl_wanted_scene_finish(struct fl_wanted_scene *scene)
{
    for (size_t i = 0; i < scene->n_maps; i++) {
        free(scene->maps[i].file);
        free(scene->maps[i].name);
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

    if (!text || !*text || strchr(text, '/') || strlen(text) > 120)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: a map's \"name\" must be a text of 1 to 120 bytes without \"/\".",
                       path);
    *out = fl_text_copy(text);
    return FL_OK;
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

static enum fl_err read_layout(const char *path, const json_t *value, struct fl_wanted *out,
                               struct fl_error *error)
{
    const char *text = json_string_value(value);

    if (text && fl_layout_parse(text, &out->layout))
        return FL_OK;
    return fl_fail(error, FL_ERR_FORMAT, "%s: \"layout\" must be HWC, CHW, 1HWC or 1CHW.", path);
}

static enum fl_err read_map(const char *path, const json_t *map, struct fl_wanted *out,
                            struct fl_error *error)
{
    const json_t *name = json_object_get(map, "name"), *extent = json_object_get(map, "extent");
    const json_t *layout = json_object_get(map, "layout");
    enum fl_err err = FL_OK;

    if (!json_is_object(map))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: each of \"maps\" must be an object like {\"file\": \"conv4.npy\"}.",
                       path);
    if (json_object_get(map, "array"))
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s: \"array\" chooses from an archive, and this server reads none; write "
                       "the array with numpy.save().",
                       path);
    err = read_file(path, "file", json_object_get(map, "file"), &out->file, error);
    if (!err && name)
        err = read_name(path, name, &out->name, error);
    if (!err && extent)
        err = read_extent(path, extent, out, error);
    if (!err && layout)
        err = read_layout(path, layout, out, error);
    return err;
}

static enum fl_err read_scene(const char *path, const json_t *root, struct fl_wanted_scene *out,
                              struct fl_error *error)
{
    const json_t *picture = json_object_get(root, "picture"), *maps = json_object_get(root, "maps");
    enum fl_err err = FL_OK;

    if (!json_is_object(root) || (maps && !json_is_array(maps)))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s must be {\"picture\": \"FILE\", \"maps\": [{\"file\": \"FILE\"}]}.",
                       path);
    if (picture && !json_is_null(picture))
        err = read_file(path, "picture", picture, &out->picture, error);
    size_t n = maps ? json_array_size(maps) : 0;
    out->maps = fl_calloc(n + 1, sizeof *out->maps);
    for (size_t i = 0; i < n && !err; i++)
        err = read_map(path, json_array_get(maps, i), &out->maps[out->n_maps++], error);
    return err;
}

enum fl_err fl_scene_json_read(const char *dir, struct fl_wanted_scene *out, bool *told,
                               struct fl_error *error)
{
    char *path = fl_text_format("%s/scene.json", dir);
    json_error_t reason;
    enum fl_err err = FL_OK;

    *out = (struct fl_wanted_scene){0};
    *told = access(path, F_OK) == 0;
    if (*told) {
        json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &reason);
        if (!root)
            err = fl_fail(error, FL_ERR_FORMAT, "%s is no JSON: %s in line %d; mend it.", path,
                          reason.text, reason.line);
        else
            err = read_scene(path, root, out, error);
        json_decref(root);
    }
    if (err)
        fl_wanted_scene_finish(out);
    free(path);
    return err;
}
