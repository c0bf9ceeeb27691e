#include "file.h"

#include "envi.h"
#include "ifealid.h"
#include "npy.h"
#include "npz.h"
#include "raw.h"
#include "safetensors.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *extensions[6];
    enum fl_file_kind kind;
} known[] = {
    {{"npy", NULL}, FL_FILE_NPY},
    {{"zip", NULL}, FL_FILE_ZIP},
    {{"npz", NULL}, FL_FILE_NPZ},
    {{"safetensors", NULL}, FL_FILE_SAFETENSORS},
    {{"hdr", "img", "bsq", "bil", "bip", NULL}, FL_FILE_ENVI},
    {{"jpg", "jpeg", "png", NULL}, FL_FILE_PICTURE},
};

static const struct {
    const char *extensions[6];
    const char *format;
} foreign[] = {
    {{"pt", "pth", "ckpt", "bin", NULL}, "a PyTorch file"},
    {{"tif", "tiff", "gtiff", NULL}, "a TIFF file"},
    {{"h5", "he5", "hdf5", "hdf", NULL}, "an HDF5 file"},
    {{"nc", "nc4", "cdf", NULL}, "a NetCDF file"},
    {{"zarr", NULL}, "a zarr store"},
    {{"mat", NULL}, "a MATLAB file"},
    {{"parquet", "feather", "arrow", NULL}, "a table"},
};

enum fl_file_kind fl_file_kind_of(const char *path)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fl_text_has_extension(path, known[i].extensions))
            return known[i].kind;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (fl_text_has_extension(path, foreign[i].extensions))
            return FL_FILE_FOREIGN;
    return FL_FILE_OTHER;
}

static void cut_extension(char *name, bool is_part)
{
    char *dot = strrchr(name, '.');

    if (dot && dot != name && (is_part || fl_file_kind_of(name) != FL_FILE_OTHER))
        *dot = '\0';
}

char *fl_file_name(const char *path)
{
    char *name = fl_text_copy(fl_text_base(path));
    bool is_header = fl_envi_is_header(name);

    cut_extension(name, fl_file_is_part(path));
    if (is_header) // "cube.img.hdr"
        cut_extension(name, false);
    return name;
}

bool fl_file_is_part(const char *path)
{
    enum fl_file_kind kind = fl_file_kind_of(path);

    if ((kind != FL_FILE_ENVI && kind != FL_FILE_OTHER) || fl_envi_is_header(path))
        return false;
    char *header = fl_envi_header_of(path);
    free(header);
    return header != NULL;
}

bool fl_file_is_map(const char *path)
{
    enum fl_file_kind kind = fl_file_kind_of(path);

    return kind != FL_FILE_PICTURE && kind != FL_FILE_OTHER && !fl_file_is_part(path);
}

enum fl_err fl_file_refuse_foreign(const char *path, struct fl_error *error)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (fl_text_has_extension(path, foreign[i].extensions))
            return fl_fail(error, FL_ERR_UNSUPPORTED,
                           "%s is %s, which this server does not read; load it in Python and send "
                           "the map with farlook.push() of the helper in client/python.",
                           path, foreign[i].format);
    return fl_fail(error, FL_ERR_UNSUPPORTED,
                   "%s is no file that this server reads; give a .npy, .npz, .safetensors, an ENVI "
                   ".hdr, an IFeaLiD .zip, a JPEG, a PNG or a directory of them.",
                   path);
}

// Formats of one map.
static enum fl_err open_one(const char *path, enum fl_file_kind kind,
                            const struct fl_layout_hint *hint, struct fl_layers *out,
                            struct fl_error *error)
{
    struct fl_map_source source = {0};
    enum fl_err err = FL_OK;

    if (kind == FL_FILE_NPY)
        err = fl_npy_open(path, hint, &source, error);
    else if (kind == FL_FILE_ZIP)
        err = fl_ifealid_open(path, &source, &out->picture, error);
    else
        err = fl_envi_open(path, &source, &out->picture, error);
    out->is_grid = kind != FL_FILE_ZIP;
    if (!err)
        fl_layers_add(out, NULL, &source);
    return err;
}

static enum fl_err read_raw(const struct fl_file_bytes *file, const struct fl_spec *spec,
                            const struct fl_layout_hint *hint, struct fl_layers *out,
                            struct fl_error *error)
{
    struct fl_map_source source = {0};
    enum fl_err err = fl_raw_read(file, spec, hint, &source, error);

    if (!err) {
        source.mapping = fl_mapping_share(file->mapping);
        fl_layers_add(out, NULL, &source);
    }
    return err;
}

// Formats over the whole file's bytes.
static enum fl_err open_mapped(const char *path, const struct fl_spec *spec,
                               const struct fl_layout_hint *hint, struct fl_layers *out,
                               struct fl_error *error)
{
    struct fl_mapping *mapping = NULL;
    enum fl_err err = fl_mapping_open(path, &mapping, error);

    if (err)
        return err;
    struct fl_file_bytes file = {path, fl_mapping_bytes(mapping), fl_mapping_len(mapping), mapping};
    if (spec->raw)
        err = read_raw(&file, spec, hint, out, error);
    else if (fl_file_kind_of(path) == FL_FILE_NPZ)
        err = fl_npz_read(&file, spec, hint, out, error);
    else
        err = fl_safetensors_read(&file, spec, hint, out, error);
    fl_mapping_close(mapping);
    return err;
}

enum fl_err fl_file_open(const char *path, const struct fl_spec *spec,
                         const struct fl_layout_hint *hint, struct fl_layers *out,
                         struct fl_error *error)
{
    enum fl_file_kind kind = fl_file_kind_of(path);
    bool several = kind == FL_FILE_NPZ || kind == FL_FILE_SAFETENSORS;

    *out = (struct fl_layers){0};
    if (spec->array && !several)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s is no archive of arrays, of which \"array\" could choose one; leave it "
                       "out.",
                       path);
    if (spec->raw || several)
        return open_mapped(path, spec, hint, out, error);
    if (kind == FL_FILE_NPY || kind == FL_FILE_ZIP || kind == FL_FILE_ENVI || fl_file_is_part(path))
        return open_one(path, kind, hint, out, error);
    return fl_file_refuse_foreign(path, error);
}
