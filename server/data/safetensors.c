#include "safetensors.h"

#include "archive.h"
#include "safetensors_said.h"
#include "text.h"

#include "server/base/mem.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX = 8, MAX_HEADER = 1 << 23, MAX_TENSORS = 16384 }; // the largest models have a tenth

static const struct {
    const char *name;
    enum fl_dtype type;
} types[] = {
    {"F32", FL_F4}, {"F16", FL_F2}, {"BF16", FL_BF16}, {"F64", FL_F8}, {"U8", FL_U1},
    {"I8", FL_I1},  {"U16", FL_U2}, {"I16", FL_I2},    {"U32", FL_U4}, {"I32", FL_I4},
    {"U64", FL_U8}, {"I64", FL_I8}, {"BOOL", FL_B1},
};

// While the header is read. Ranges are bytes behind it.
struct reading {
    struct fl_file_bytes file;
    size_t values; // where they begin
    struct fl_archive archive;
    struct range {
        uint64_t begin, end;
        const char *name; // borrowed from the archive
    } * ranges;           // owned; one for each tensor
};

static enum fl_err broken(const struct reading *reading, const char *why, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_FORMAT, "%s is not a proper safetensors file: %s; save it again.",
                   reading->file.what, why);
}

static enum fl_err broken_tensor(const struct reading *reading, const char *name, const char *why,
                                 struct fl_error *error)
{
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s is not a proper safetensors file: the tensor \"%.60s\" has %s; save it "
                   "again.",
                   reading->file.what, name, why);
}

static bool read_count(const json_t *json, uint64_t *out)
{
    *out = json_is_integer(json) && json_integer_value(json) >= 0
               ? (uint64_t)json_integer_value(json)
               : UINT64_MAX;
    return *out != UINT64_MAX;
}

static enum fl_err read_shape(const struct reading *reading, const char *name, const json_t *json,
                              struct fl_array *out, struct fl_error *error)
{
    if (!json_is_array(json) || json_array_size(json) > FL_ARRAY_DIMS)
        return broken_tensor(reading, name, "no shape of at most 32 sizes", error);
    out->n_dims = (unsigned)json_array_size(json);
    for (unsigned k = 0; k < out->n_dims; k++)
        if (!read_count(json_array_get(json, k), &out->dims[k]))
            return broken_tensor(reading, name, "something other than whole numbers in its shape",
                                 error);
    return FL_OK;
}

// Types that are not known are the array's fault alone.
static enum fl_err read_type(const struct reading *reading, const json_t *json,
                             struct fl_archive_array *out, struct fl_error *error)
{
    const char *name = json_string_value(json);

    if (!name)
        return broken_tensor(reading, out->name, "no dtype", error);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].name) == 0) {
            out->array.type = types[i].type;
            out->array.swap =
                __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && fl_dtype_size(out->array.type) > 1;
            return FL_OK;
        }
    fl_fail(&out->fault, FL_ERR_UNSUPPORTED,
            "%s: the tensor \"%.60s\" is of the type %.20s, which is not read; save it as float32, "
            "float16 or bfloat16.",
            reading->file.what, out->name, name);
    return FL_OK;
}

static enum fl_err read_range(struct reading *reading, const json_t *json,
                              struct fl_archive_array *array, struct fl_error *error)
{
    struct range *range = &reading->ranges[reading->archive.n];
    uint64_t size = 0;

    if (json_array_size(json) != 2 || !read_count(json_array_get(json, 0), &range->begin) ||
        !read_count(json_array_get(json, 1), &range->end) || range->begin > range->end)
        return broken_tensor(reading, array->name, "no data_offsets, first and last", error);
    if (range->end > reading->file.len - reading->values)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s was cut: its header promises at least %llu bytes of values and %llu are "
                       "there; copy or save it again.",
                       reading->file.what, (unsigned long long)range->end,
                       (unsigned long long)(reading->file.len - reading->values));
    range->name = array->name;
    array->data = reading->values + (size_t)range->begin;
    if (!array->fault.code &&
        (!fl_array_bytes(&array->array, &size) || size != range->end - range->begin))
        return broken_tensor(reading, array->name, "a shape that does not fill its data_offsets",
                             error);
    return FL_OK;
}

static enum fl_err read_tensor(struct reading *reading, const char *name, const json_t *json,
                               struct fl_error *error)
{
    struct fl_archive_array array = {.name = fl_text_copy(name)};
    enum fl_err err = FL_OK;

    if (!json_is_object(json))
        err = broken_tensor(reading, name, "no description", error);
    if (!err)
        err = read_type(reading, json_object_get(json, "dtype"), &array, error);
    if (!err)
        err = read_shape(reading, name, json_object_get(json, "shape"), &array.array, error);
    if (!err)
        err = read_range(reading, json_object_get(json, "data_offsets"), &array, error);
    if (err)
        free(array.name);
    else
        reading->archive.arrays[reading->archive.n++] = array;
    return err;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct range *one = a, *two = b;

    if (one->begin != two->begin)
        return one->begin < two->begin ? -1 : 1;
    return (one->end > two->end) - (one->end < two->end);
}

// No gap, no overlap, nothing behind the last: what is not described may be anything.
static enum fl_err check_ranges(struct reading *reading, struct fl_error *error)
{
    size_t n = reading->archive.n;
    uint64_t at = 0;

    if (n > 0)
        qsort(reading->ranges, n, sizeof *reading->ranges, compare_ranges);
    for (size_t i = 0; i < n; i++) {
        const struct range *range = &reading->ranges[i];
        if (range->begin < at)
            return broken_tensor(reading, range->name, "bytes that are another one's too", error);
        if (range->begin > at)
            return broken_tensor(reading, range->name, "a gap before it", error);
        at = range->end;
    }
    if (at != reading->file.len - reading->values)
        return fl_fail(
            error, FL_ERR_FORMAT, "%s has %llu bytes that no tensor describes; save it again.",
            reading->file.what, (unsigned long long)(reading->file.len - reading->values - at));
    return FL_OK;
}

static int compare_arrays(const void *a, const void *b)
{
    return fl_text_natural_order(&((const struct fl_archive_array *)a)->name,
                                 &((const struct fl_archive_array *)b)->name);
}

static enum fl_err read_header(struct reading *reading, json_t *root, struct fl_error *error)
{
    const json_t *metadata = json_object_get(root, "__metadata__");
    size_t n = json_object_size(root);
    enum fl_err err = FL_OK;
    const char *name = NULL;
    json_t *value = NULL;

    if (metadata && !json_is_object(metadata))
        return broken(reading, "its __metadata__ is no object", error);
    if (n > MAX_TENSORS)
        return broken(reading, "it has more than 16384 tensors", error);
    reading->archive.arrays = fl_calloc(n + 1, sizeof *reading->archive.arrays);
    reading->ranges = fl_calloc(n + 1, sizeof *reading->ranges);
    json_object_foreach(root, name, value)
    {
        if (strcmp(name, "__metadata__") != 0)
            err = read_tensor(reading, name, value, error);
        if (err)
            return err;
    }
    err = check_ranges(reading, error);
    if (!err && reading->archive.n > 0)
        qsort(reading->archive.arrays, reading->archive.n, sizeof *reading->archive.arrays,
              compare_arrays);
    return err ? err : fl_safetensors_said(metadata, &reading->archive, error);
}

// The header's bytes, checked but for what they say.
static enum fl_err find_header(struct reading *reading, const char **text, size_t *len,
                               struct fl_error *error)
{
    const uint8_t *bytes = reading->file.at;
    uint64_t size = 0;

    if (reading->file.len < PREFIX + 2)
        return broken(reading, "it is shorter than any header", error);
    for (unsigned k = 0; k < PREFIX; k++)
        size |= (uint64_t)bytes[k] << (8 * k);
    if (bytes[PREFIX] != '{')
        return broken(reading, "its header does not begin with {", error);
    if (size > reading->file.len - PREFIX)
        return broken(reading, "it ends inside its header", error);
    if (size > MAX_HEADER)
        return broken(reading, "its header has more than 8 MiB", error);
    *text = (const char *)bytes + PREFIX;
    *len = (size_t)size;
    reading->values = PREFIX + (size_t)size;
    return FL_OK;
}

enum fl_err fl_safetensors_read(const struct fl_file_bytes *file, const struct fl_spec *spec,
                                const struct fl_layout_hint *hint, struct fl_layers *out,
                                struct fl_error *error)
{
    struct reading reading = {.file = *file, .archive = {.file = *file}};
    const char *text = NULL;
    json_error_t fault;
    size_t len = 0;

    *out = (struct fl_layers){0};
    enum fl_err err = find_header(&reading, &text, &len, error);
    if (err)
        return err;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    if (!root)
        err = fl_fail(error, FL_ERR_FORMAT,
                      "%s is not a proper safetensors file: its header is not JSON (%s); save it "
                      "again.",
                      file->what, fault.text);
    else
        err = read_header(&reading, root, error);
    if (!err)
        err = fl_archive_layers(&reading.archive, spec, hint, out, error);
    json_decref(root);
    free(reading.ranges);
    fl_archive_finish(&reading.archive);
    return err;
}
