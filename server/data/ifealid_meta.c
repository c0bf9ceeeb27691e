#include "ifealid_meta.h"

#include "source.h"

#include <jansson.h>

static enum fl_err read_count(const char *what, const json_t *json, const char *key, uint64_t *out,
                              struct fl_error *error)
{
    const json_t *value = json_object_get(json, key);

    if (!value)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: metadata.json has no \"%s\"; make the data set again.", what, key);
    if (!json_is_integer(value))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"%s\" in metadata.json must be a whole number without quotes; correct "
                       "it.",
                       what, key);
    if (json_integer_value(value) < 1)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"%s\" in metadata.json must be at least 1; correct it.", what, key);
    *out = (uint64_t)json_integer_value(value);
    return FL_OK;
}

// What may be left out but must be of its type: the data set's name, and whether it has a picture.
static enum fl_err read_rest(const char *what, const json_t *json, bool *overlay,
                             struct fl_error *error)
{
    const json_t *name = json_object_get(json, "name");
    const json_t *flag = json_object_get(json, "overlay");

    if (name && !json_is_string(name))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"name\" in metadata.json must be a text; correct it.", what);
    if (flag && !json_is_boolean(flag))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s: \"overlay\" in metadata.json must be true or false; correct it.", what);
    *overlay = json_is_true(flag);
    return FL_OK;
}

static enum fl_err read_members(const char *what, const json_t *json, struct fl_ifealid_meta *out,
                                struct fl_error *error)
{
    uint64_t w = 0, h = 0, d = 0, precision = 0, bytes = 0;
    enum fl_err err = read_count(what, json, "width", &w, error);

    if (!err)
        err = read_count(what, json, "height", &h, error);
    if (!err)
        err = read_count(what, json, "features", &d, error);
    if (!err)
        err = read_count(what, json, "precision", &precision, error);
    if (!err && precision != 8 && precision != 16 && precision != 32)
        err = fl_fail(error, FL_ERR_FORMAT,
                      "%s: \"precision\" in metadata.json must be 8, 16 or 32 bits; correct it.",
                      what);
    if (!err)
        err = read_rest(what, json, &out->overlay, error);
    if (!err)
        err = fl_map_shape_check(what, w, h, d, &bytes, error);
    if (err)
        return err;
    out->w = (int32_t)w;
    out->h = (int32_t)h;
    out->d = (int32_t)d;
    out->precision = (int32_t)precision;
    out->per_tile = precision == 8 ? 4 : precision == 16 ? 2 : 1;
    out->tiles = (out->d + out->per_tile - 1) / out->per_tile;
    return FL_OK;
}

enum fl_err fl_ifealid_meta_parse(const char *what, const void *json, size_t len,
                                  struct fl_ifealid_meta *out, struct fl_error *error)
{
    json_error_t fault;
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &fault);
    enum fl_err err = FL_OK;

    *out = (struct fl_ifealid_meta){0};
    if (!json_is_object(root))
        err =
            fl_fail(error, FL_ERR_FORMAT,
                    "%s: metadata.json is not a JSON object (%s, line %d); make the data set "
                    "again.",
                    what, root ? "it is another kind of value" : fault.text, root ? 1 : fault.line);
    else
        err = read_members(what, root, out, error);
    json_decref(root);
    return err;
}
