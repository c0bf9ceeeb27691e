#include "safetensors_said.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum fl_err read_extent(const char *what, const char *text, double out[4],
                               struct fl_error *error)
{
    const char *at = text;
    char *end = NULL;
    bool good = true;

    for (int k = 0; k < 4 && good; k++) {
        out[k] = strtod(at, &end);
        good = end != at && isfinite(out[k]) && *end == (k < 3 ? ',' : '\0');
        at = end + 1;
    }
    if (good && out[0] < out[2] && out[1] < out[3])
        return FL_OK;
    return fl_fail(
        error, FL_ERR_FORMAT,
        "%s: its metadata says the extent \"%.60s\", which must be x0,y0,x1,y1 in picture "
        "pixels with x0 < x1 and y0 < y1.",
        what, text);
}

// What the metadata says under "farlook.KEY.NAME", else under "farlook.KEY"; NULL: nothing.
static const char *said_of(const json_t *metadata, const char *key, const char *name)
{
    char *own = fl_text_format("farlook.%s.%s", key, name);
    const char *text = json_string_value(json_object_get(metadata, own));

    free(own);
    own = fl_text_format("farlook.%s", key);
    if (!text)
        text = json_string_value(json_object_get(metadata, own));
    free(own);
    return text;
}

static enum fl_err read_array(const char *what, const json_t *metadata,
                              struct fl_archive_array *array, struct fl_error *error)
{
    static const char *const keys[] = {"layout", "grid", "skip"};
    struct fl_spec spec = {0};
    enum fl_err err = FL_OK;

    for (size_t k = 0; k < sizeof keys / sizeof *keys && !err; k++) {
        const char *text = said_of(metadata, keys[k], array->name);
        if (text)
            err = fl_spec_set(&spec, what, keys[k], text, error);
    }
    if (!err)
        err = fl_spec_check(&spec, what, error);
    const char *extent = said_of(metadata, "extent", array->name);
    if (!err && extent)
        err = read_extent(what, extent, array->extent, error);
    array->has_extent = !err && extent;
    array->said = (struct fl_layout_hint){
        .layout = spec.layout, .grid = {spec.grid[0], spec.grid[1]}, .skip = spec.skip};
    return err;
}

enum fl_err fl_safetensors_said(const json_t *metadata, struct fl_archive *archive,
                                struct fl_error *error)
{
    const char *picture = json_string_value(json_object_get(metadata, "farlook.image"));
    enum fl_err err = FL_OK;

    if (picture)
        archive->picture = fl_text_copy(picture);
    for (size_t i = 0; i < archive->n && !err; i++)
        if (!archive->picture || strcmp(archive->arrays[i].name, archive->picture) != 0)
            err = read_array(archive->file.what, metadata, &archive->arrays[i], error);
    return err;
}
