#include "draft.h"

#include "ifealid.h"
#include "npy.h"
#include "text.h"

#include "proto/state.h"
#include "proto/utf8.h"
#include "server/base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// "scene/layer" must fit FL_MAX_NAME, a "-2" behind each included.
enum { MAX_NAME = 120 };
_Static_assert(2 * (MAX_NAME + 4) + 2 <= FL_MAX_NAME, "names of scenes and layers");

static const char *const npy_names[] = {"npy", NULL};
static const char *const zip_names[] = {"zip", NULL};
static const char *const picture_names[] = {"jpg", "jpeg", "png", NULL};

static const struct {
    const char *extensions[6];
    const char *format;
} foreign[] = {
    {{"npz", NULL}, "a NumPy archive"},
    {{"safetensors", NULL}, "a safetensors file"},
    {{"pt", "pth", "ckpt", "bin", NULL}, "a PyTorch file"},
    {{"hdr", "img", "bsq", "bil", "bip", NULL}, "an ENVI file"},
    {{"tif", "tiff", NULL}, "a TIFF file"},
    {{"h5", "hdf5", "hdf", NULL}, "an HDF5 file"},
    {{"nc", NULL}, "a NetCDF file"},
    {{"zarr", NULL}, "a zarr store"},
    {{"mat", NULL}, "a MATLAB file"},
};

void fl_draft_finish(struct fl_draft *draft)
{
    for (size_t i = 0; i < draft->n_maps; i++)
        fl_map_unref(draft->maps[i]);
    fl_picture_unref(draft->picture);
    free(draft->maps);
    free(draft->name);
    *draft = (struct fl_draft){0};
}

void fl_draft_extent(const struct fl_draft *draft, int32_t w, int32_t h, double extent[4])
{
    extent[0] = extent[1] = 0;
    extent[2] = w;
    extent[3] = h;
    if (draft->picture) {
        extent[2] = fl_picture_w(draft->picture);
        extent[3] = fl_picture_h(draft->picture);
    } else if (draft->n_maps > 0) {
        memcpy(extent, fl_map_facts(draft->maps[0])->extent, 4 * sizeof *extent);
    }
}

static bool is_layer(const void *user, const char *name)
{
    const struct fl_draft *draft = user;

    for (size_t i = 0; i < draft->n_maps; i++)
        if (strcmp(fl_map_facts(draft->maps[i])->name, name) == 0)
            return true;
    return false;
}

enum fl_err fl_draft_add(struct fl_draft *draft, const char *name, struct fl_map_source *source,
                         const double extent[4], struct fl_error *error)
{
    double whole[4] = {0};
    struct fl_map **maps = NULL;
    enum fl_err err = fl_name_check(name, name, error);
    if (err) {
        fl_map_source_finish(source);
        return err;
    }
    fl_draft_extent(draft, source->w, source->h, whole);
    char *free_name = fl_free_name(name, is_layer, draft);
    maps = fl_calloc(draft->n_maps + 1, sizeof(struct fl_map *));
    for (size_t i = 0; i < draft->n_maps; i++)
        maps[i] = draft->maps[i];
    free(draft->maps);
    draft->maps = maps;
    draft->maps[draft->n_maps] = fl_map_create(free_name, source, extent ? extent : whole);
    fl_map_set_stamp(draft->maps[draft->n_maps++], draft->stamp);
    free(free_name);
    return FL_OK;
}

enum fl_err fl_name_check(const char *what, const char *name, struct fl_error *error)
{
    size_t len = strlen(name);
    bool good = len > 0 && len <= MAX_NAME && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
                fl_utf8_is_text((const uint8_t *)name, len);

    for (size_t i = 0; i < len; i++)
        good = good && name[i] != '/' && !iscntrl((unsigned char)name[i]);
    if (good)
        return FL_OK;
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s: a scene's or layer's name is 1 to %d bytes of UTF-8 without \"/\" and "
                   "control characters, and neither \".\" nor \"..\"; rename it.",
                   what, MAX_NAME);
}

char *fl_free_name(const char *name, bool (*is_taken)(const void *user, const char *name),
                   const void *user)
{
    char *candidate = fl_text_copy(name);

    for (unsigned n = 2; is_taken(user, candidate); n++) {
        free(candidate);
        candidate = fl_text_format("%s-%u", name, n);
    }
    return candidate;
}

char *fl_file_name(const char *path)
{
    char *name = fl_text_copy(fl_text_base(path)), *dot = strrchr(name, '.');

    if (dot && dot != name && fl_file_kind_of(path) != FL_FILE_OTHER)
        *dot = '\0';
    return name;
}

enum fl_file_kind fl_file_kind_of(const char *path)
{
    if (fl_text_has_extension(path, npy_names))
        return FL_FILE_NPY;
    if (fl_text_has_extension(path, zip_names))
        return FL_FILE_ZIP;
    if (fl_text_has_extension(path, picture_names))
        return FL_FILE_PICTURE;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (fl_text_has_extension(path, foreign[i].extensions))
            return FL_FILE_FOREIGN;
    return FL_FILE_OTHER;
}

enum fl_err fl_file_refuse_foreign(const char *path, struct fl_error *error)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (fl_text_has_extension(path, foreign[i].extensions))
            return fl_fail(error, FL_ERR_UNSUPPORTED,
                           "%s is %s, which this server does not read; load it in Python and "
                           "write the map with numpy.save().",
                           path, foreign[i].format);
    return fl_fail(error, FL_ERR_UNSUPPORTED,
                   "%s is no file that this server reads; give a .npy, an IFeaLiD .zip, a JPEG, a "
                   "PNG or a directory of them.",
                   path);
}

enum fl_err fl_file_open_map(const char *path, const struct fl_layout_hint *hint,
                             struct fl_map_source *out, struct fl_picture **picture,
                             struct fl_error *error)
{
    *picture = NULL;
    switch (fl_file_kind_of(path)) {
    case FL_FILE_NPY:
        return fl_npy_open(path, hint, out, error);
    case FL_FILE_ZIP:
        return fl_ifealid_open(path, out, picture, error);
    case FL_FILE_PICTURE:
    case FL_FILE_FOREIGN:
    case FL_FILE_OTHER:
        break;
    }
    return fl_file_refuse_foreign(path, error);
}
