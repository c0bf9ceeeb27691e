#define LOG_MODULE "envi"
#include "envi.h"

#include "envi_header.h"
#include "envi_picture.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// A cube whose good bands are gathered.
struct cube {
    struct fl_map_source all; // every band; borrows the values
    bool *bad;                // owned; all.d of them
};

static void forget(void *user)
{
    struct cube *cube = user;

    free(cube->bad);
    free(cube);
}

// Good bands that follow each other: the first one and how many, from `from` on; 0 where none is left.
static int32_t next_run(const bool *bad, int32_t bands, int32_t from, int32_t *first)
{
    int32_t end = 0;

    while (from < bands && bad[from])
        from++;
    for (end = from; end < bands && !bad[end];)
        end++;
    *first = from;
    return end - from;
}

struct run {          // bands that follow each other
    int32_t first, n; // in the cube
    size_t at;        // its first channel in the result
};

// One run of bands into its channels of the result, whose cells are `d` values apart.
static enum fl_err gather(const struct cube *cube, const struct run *run, size_t d, float *out,
                          const struct fl_progress *progress, struct fl_error *error)
{
    struct fl_map_source source = cube->all;
    size_t cells = (size_t)source.w, count = (size_t)run->n;
    float *row = malloc(cells * count * sizeof *row);

    if (!row)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is not enough memory to read a row of the cube; close other "
                       "programs.");
    source.base = (const uint8_t *)source.base +
                  (ptrdiff_t)run->first * source.stride_c * (ptrdiff_t)fl_dtype_size(source.type);
    source.d = run->n;
    out += run->at;
    int32_t h = source.h;
    struct fl_map *map = fl_map_create("", &source, (double[]){0, 0, 1, 1});
    for (int32_t y = 0; y < h; y++, out += cells * d) {
        fl_map_read_rows(map, y, 1, row);
        for (size_t x = 0; x < cells; x++)
            memcpy(out + x * d, row + x * count, count * sizeof *row);
        double rows = (double)(y + 1) / h;
        fl_progress_tell(progress, ((double)run->at + rows * run->n) / (double)d);
    }
    fl_map_unref(map);
    free(row);
    return FL_OK;
}

static enum fl_err decode(void *user, float **out, const struct fl_progress *progress,
                          struct fl_error *error)
{
    const struct cube *cube = user;
    struct run run = {0};
    size_t d = 0;
    enum fl_err err = FL_OK;

    for (int32_t k = 0; k < cube->all.d; k++)
        d += !cube->bad[k];
    assert(d > 0);
    *out = malloc((size_t)cube->all.w * (size_t)cube->all.h * d * sizeof **out);
    if (!*out)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "There is not enough memory for the cube's good bands; close other "
                       "programs.");
    while (!err && (run.n = next_run(cube->bad, cube->all.d, run.first, &run.first)) > 0) {
        err = gather(cube, &run, d, *out, progress, error);
        run.first += run.n;
        run.at += (size_t)run.n;
    }
    if (err) {
        free(*out);
        *out = NULL;
    }
    return err;
}

// Leaves the bad bands out of a source of all bands; takes header->bad where it needs it.
static void leave_out(const char *what, struct fl_envi_header *header, struct fl_map_source *out)
{
    int32_t first = 0, second = 0, good = 0, bands = out->d;

    for (int32_t k = 0; k < bands; k++)
        good += !header->bad[k];
    if (good < bands)
        log_info("%s: %d of %d bands are bad and left out", what, bands - good, bands);
    int32_t n = next_run(header->bad, bands, 0, &first);
    if (next_run(header->bad, bands, first + n, &second) == 0) { // in one piece
        out->base = (const uint8_t *)out->base +
                    (ptrdiff_t)first * out->stride_c * (ptrdiff_t)fl_dtype_size(out->type);
    } else {
        struct cube *cube = fl_new(struct cube);
        cube->all = *out;
        cube->all.mapping = NULL; // they stay the map's
        cube->all.axis = NULL;
        cube->bad = header->bad;
        header->bad = NULL;
        out->base = NULL;
        out->decode = decode;
        out->finish = forget;
        out->user = cube;
    }
    out->d = good;
}

// The wavelengths of the bands that are left.
static void take_axis(const struct fl_envi_header *header, int32_t d, struct fl_map_source *out)
{
    size_t n = 0;

    if (!header->axis)
        return;
    out->axis = fl_calloc((size_t)d, sizeof *out->axis);
    for (uint64_t k = 0; k < header->bands; k++)
        if (!header->bad || !header->bad[k])
            out->axis[n++] = (float)header->axis[k];
    snprintf(out->axis_unit, sizeof out->axis_unit, "%s", header->unit);
}

static void take_strides(const struct fl_envi_header *header, struct fl_map_source *out)
{
    ptrdiff_t w = out->w, h = out->h, d = out->d;

    switch (header->order) {
    case FL_ENVI_BSQ: // band, line, sample
        out->stride_c = h * w;
        out->stride_y = w;
        out->stride_x = 1;
        break;
    case FL_ENVI_BIL: // line, band, sample
        out->stride_c = w;
        out->stride_y = d * w;
        out->stride_x = 1;
        break;
    case FL_ENVI_BIP: // line, sample, band
        out->stride_c = 1;
        out->stride_y = w * d;
        out->stride_x = d;
        break;
    }
}

static enum fl_err check_len(const struct fl_file_bytes *values,
                             const struct fl_envi_header *header, struct fl_error *error)
{
    uint64_t need = header->w * header->h * header->bands * fl_dtype_size(header->type);

    if (header->offset > values->len || values->len - header->offset < need)
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s was cut, or its header is another's: it promises %llu bytes of values "
                       "behind %llu and the file has %llu; copy both again.",
                       values->what, (unsigned long long)need, (unsigned long long)header->offset,
                       (unsigned long long)values->len);
    if (values->len - header->offset > need)
        log_warn("%s has %llu bytes behind its values, which are left out", values->what,
                 (unsigned long long)(values->len - header->offset - need));
    return FL_OK;
}

// A source of all bands; borrows the values.
static struct fl_map_source whole_cube(const struct fl_file_bytes *values,
                                       const struct fl_envi_header *header)
{
    struct fl_map_source all = {
        .w = (int32_t)header->w,
        .h = (int32_t)header->h,
        .d = (int32_t)header->bands,
        .type = header->type,
        .swap = header->swap,
        .ignores = header->ignores,
        .ignored = header->ignored,
        .base = (const uint8_t *)values->at + header->offset,
    };

    snprintf(all.dtype, sizeof all.dtype, "%s", fl_dtype_name(header->type));
    take_strides(header, &all);
    return all;
}

enum fl_err fl_envi_read(const struct fl_file_bytes *text, const struct fl_file_bytes *values,
                         struct fl_map_source *out, struct fl_picture **picture,
                         struct fl_error *error)
{
    struct fl_envi_header header;
    uint64_t size = 0;

    *out = (struct fl_map_source){0};
    *picture = NULL;
    enum fl_err err = fl_envi_parse(text->what, text->at, text->len, &header, error);
    if (err)
        return err;
    err = fl_map_shape_check(text->what, header.w, header.h, header.bands, &size, error);
    if (!err)
        err = check_len(values, &header, error);
    if (!err) {
        struct fl_map_source all = whole_cube(values, &header);
        *out = all;
        out->mapping = fl_mapping_share(values->mapping);
        take_axis(&header, out->d, out); // before the list of bad bands is given away
        all.mapping = values->mapping;
        *picture = fl_envi_picture(text->what, &header, &all);
        if (header.bad)
            leave_out(text->what, &header, out);
    }
    fl_envi_header_finish(&header);
    return err;
}

bool fl_envi_is_header(const char *path)
{
    return fl_text_has_extension(path, (const char *const[]){"hdr", NULL});
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static const char *const extensions[] = {"",     ".img", ".dat", ".raw", ".bsq", ".bil", ".bip",
                                         ".IMG", ".DAT", ".RAW", ".BSQ", ".BIL", ".BIP"};

// "cube" of "dir/cube.img", with its folder: everything before the last dot of the name.
static char *stem_of(const char *path)
{
    const char *base = fl_text_base(path), *dot = strrchr(base, '.');

    return dot && dot != base ? fl_text_format("%.*s", (int)(dot - path), path)
                              : fl_text_copy(path);
}

char *fl_envi_header_of(const char *path)
{
    char *stem = stem_of(path), *found = NULL;
    const char *const stems[] = {path, stem};

    for (int k = 0; k < 4 && !found; k++) {
        char *name = fl_text_format("%s.%s", stems[k / 2], k % 2 ? "HDR" : "hdr");
        if (is_file(name) && strcmp(name, path) != 0)
            found = name;
        else
            free(name);
    }
    free(stem);
    return found;
}

// The values of "cube.hdr"; NULL where nothing is beside it.
static char *values_of(const char *header)
{
    char *stem = stem_of(header), *found = NULL;

    for (size_t k = 0; k < sizeof extensions / sizeof *extensions && !found; k++) {
        char *name = fl_text_format("%s%s", stem, extensions[k]);
        if (is_file(name) && strcmp(name, header) != 0)
            found = name;
        else
            free(name);
    }
    free(stem);
    return found;
}

static enum fl_err open_pair(const char *header, const char *values, struct fl_map_source *out,
                             struct fl_picture **picture, struct fl_error *error)
{
    struct fl_mapping *text = NULL, *cube = NULL;
    enum fl_err err = fl_mapping_open(header, &text, error);

    if (!err)
        err = fl_mapping_open(values, &cube, error);
    if (!err) {
        struct fl_file_bytes head = {header, fl_mapping_bytes(text), fl_mapping_len(text), text};
        struct fl_file_bytes file = {values, fl_mapping_bytes(cube), fl_mapping_len(cube), cube};
        err = fl_envi_read(&head, &file, out, picture, error);
    }
    fl_mapping_close(text);
    fl_mapping_close(cube);
    return err;
}

enum fl_err fl_envi_open(const char *path, struct fl_map_source *out, struct fl_picture **picture,
                         struct fl_error *error)
{
    bool is_header = fl_envi_is_header(path);
    char *other = is_header ? values_of(path) : fl_envi_header_of(path);
    enum fl_err err = FL_OK;

    *out = (struct fl_map_source){0};
    *picture = NULL;
    if (!is_file(path)) // say that first
        err = fl_fail(error, FL_ERR_NOT_FOUND, "%s is not there; check the path.", path);
    else if (other)
        err = open_pair(is_header ? path : other, is_header ? other : path, out, picture, error);
    else if (is_header)
        err = fl_fail(error, FL_ERR_NOT_FOUND,
                      "%s has no file of values beside it, of the same name or with .img, .dat, "
                      ".raw, .bsq, .bil or .bip; put it there.",
                      path);
    else
        err = fl_fail(error, FL_ERR_NOT_FOUND,
                      "%s has no ENVI header beside it, of the same name with .hdr; put it there.",
                      path);
    free(other);
    return err;
}
