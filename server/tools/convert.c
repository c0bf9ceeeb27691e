// farlook-convert MAP.npy SET.zip, SET.zip MAP.npy: between NumPy arrays and IFeaLiD data sets.

#include "convert_options.h"

#include "proto/utf8.h"
#include "server/base/log.h"
#include "server/data/ifealid.h"
#include "server/data/ifealid_levels.h"
#include "server/data/ifealid_write.h"
#include "server/data/new_file.h"
#include "server/data/npy.h"
#include "server/data/npy_write.h"
#include "server/data/overlay.h"
#include "server/data/text.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

// Everything on the way from an array to a data set.
struct packing {
    struct fl_picture *picture; // shared reference, or NULL
    uint8_t *overlay;           // owned; its JPEG
    struct fl_map *map;         // shared reference, loaded
    struct fl_ifealid_levels levels;
    struct fl_ifealid_set set;
    char *name; // owned
};

static void packing_finish(struct packing *packing)
{
    fl_ifealid_levels_finish(&packing->levels);
    fl_map_unref(packing->map);
    fl_picture_unref(packing->picture);
    free(packing->overlay);
    free(packing->name);
}

static enum fl_err choose_name(const struct options *options, char **out, struct fl_error *error)
{
    const char *name = options->name ? options->name : fl_text_base(options->in);
    char *copy = fl_text_copy(name);

    if (!options->name)
        *strrchr(copy, '.') = '\0'; // it ends in .npy
    *out = copy;
    if (fl_utf8_is_text((const uint8_t *)copy, strlen(copy)))
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE,
                   "The name of the data set must be UTF-8 text; give another with --name.");
}

static enum fl_err load_picture(const struct options *options, struct packing *packing,
                                struct fl_error *error)
{
    if (!options->overlay)
        return FL_OK;
    enum fl_err err = fl_picture_open(options->overlay, &packing->picture, error);
    return err ? err
               : fl_overlay_jpeg(packing->picture, options->overlay, &packing->overlay,
                                 &packing->set.overlay_len, error);
}

static enum fl_err load_map(const struct options *options, struct packing *packing,
                            struct fl_error *error)
{
    struct fl_layout_hint hint = {.layout = options->layout};
    struct fl_map_source source = {0};

    if (packing->picture) {
        hint.size[0] = fl_picture_w(packing->picture);
        hint.size[1] = fl_picture_h(packing->picture);
    }
    enum fl_err err = fl_npy_open(options->in, &hint, &source, error);
    if (err)
        return err;
    const double extent[4] = {0, 0, source.w, source.h};
    packing->map = fl_map_create(packing->name, &source, extent);
    return fl_map_load(packing->map, FL_NORMS_ZERO, error);
}

static void tell_packed(const struct options *options, const struct packing *packing)
{
    const struct fl_ifealid_levels *levels = &packing->levels;
    const struct fl_ifealid_set *set = &packing->set;

    printf("%s: %d x %d cells of %d channels, %d bits each%s\n", options->out, set->w, set->h,
           set->d, levels->precision, set->overlay ? ", with the picture" : "");
    if (options->layout == FL_LAYOUT_AUTO && !options->overlay)
        puts("If the map is not of that size, convert it again with --layout CHW.");
    if (levels->min < levels->max)
        printf("The values reach from %.9g to %.9g, which the data set does not keep; to restore "
               "them:\n  farlook-convert --range %.9g,%.9g %s MAP.npy\n",
               levels->min, levels->max, levels->min, levels->max, options->out);
    else
        printf("Every value is %.9g, so every level is 0.\n", levels->min);
}

static enum fl_err write_set(const struct options *options, struct packing *packing,
                             struct fl_error *error)
{
    const struct fl_map_facts *facts = fl_map_facts(packing->map);
    struct fl_ifealid_set *set = &packing->set;
    struct fl_new_file *file = NULL;

    set->what = options->out;
    set->name = packing->name;
    set->w = facts->w;
    set->h = facts->h;
    set->d = facts->d;
    set->overlay = packing->overlay;
    enum fl_err err = fl_new_file_create(options->out, options->force, &file, error);
    if (err)
        return err;
    err = fl_ifealid_write(fl_new_file_name(file), set, &packing->levels, error);
    if (!err)
        return fl_new_file_keep(file, error);
    fl_new_file_drop(file);
    return err;
}

static enum fl_err pack(const struct options *options, struct fl_error *error)
{
    int32_t precision = options->precision ? options->precision : 8;
    struct packing packing = {0};
    enum fl_err err = fl_new_file_check(options->out, options->force, error);

    if (!err)
        err = choose_name(options, &packing.name, error);
    if (!err)
        err = load_picture(options, &packing, error);
    if (!err)
        err = load_map(options, &packing, error);
    if (!err)
        err = fl_ifealid_levels_make(packing.map, options->in, precision, &packing.levels, error);
    if (!err)
        err = write_set(options, &packing, error);
    if (!err)
        tell_packed(options, &packing);
    packing_finish(&packing);
    return err;
}

static void scale(float *values, size_t n, const double range[2])
{
    double span = range[1] - range[0];

    for (size_t i = 0; i < n; i++)
        values[i] = (float)(range[0] + (double)values[i] * span);
}

static enum fl_err write_array(const struct options *options, const struct fl_map_source *source,
                               const float *values, struct fl_error *error)
{
    const int32_t shape[3] = {source->h, source->w, source->d};

    return fl_npy_save(options->out, options->force, shape, values, error);
}

static enum fl_err unpack(const struct options *options, struct fl_error *error)
{
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    float *values = NULL;
    enum fl_err err = fl_new_file_check(options->out, options->force, error);

    if (!err)
        err = fl_ifealid_open(options->in, &source, &picture, error);
    if (!err)
        err = source.decode(source.user, &values, NULL, error);
    if (!err && options->has_range)
        scale(values, (size_t)source.w * (size_t)source.h * (size_t)source.d, options->range);
    if (!err)
        err = write_array(options, &source, values, error);
    if (!err)
        printf("%s: float32 of shape (%d, %d, %d), values between %.9g and %.9g\n", options->out,
               source.h, source.w, source.d, options->has_range ? options->range[0] : 0,
               options->has_range ? options->range[1] : 1);
    free(values);
    fl_picture_unref(picture);
    fl_map_source_finish(&source);
    return err;
}

int main(int argc, char **argv)
{
    struct options options;
    struct fl_error error = {0};

    if (options_parse(argc, argv, &options, &error)) {
        fprintf(stderr, "farlook-convert: %s\n", error.text);
        return EXIT_USAGE;
    }
    if (options.help) {
        options_usage(stdout);
        return 0;
    }
    if (options.version) {
        puts("farlook-convert " FARLOOK_VERSION);
        return 0;
    }
    fl_log_set_level(FL_LOG_WARN); // how an array was read is told at the end
    if ((options.unpacks ? unpack : pack)(&options, &error)) {
        fprintf(stderr, "farlook-convert: %s\n", error.text);
        return 1;
    }
    return 0;
}
