#define LOG_MODULE "uploads"
#include "file.h"
#include "manifest.h"
#include "scene.h"
#include "scene_json.h"
#include "shelf.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- which format bytes have ---

static bool starts(const uint8_t *bytes, size_t n, const char *magic, size_t len)
{
    return n >= len && memcmp(bytes, magic, len) == 0;
}

// NumPy's archives hold arrays from their first entry on.
static const char *kind_of_zip(const uint8_t *bytes, size_t n)
{
    size_t len = n > 30 ? (size_t)bytes[26] + (size_t)bytes[27] * 256 : 0;
    char name[129] = "";

    if (len == 0 || len >= sizeof name || 30 + len > n)
        return "zip";
    memcpy(name, bytes + 30, len);
    return len > 4 && strcmp(name + len - 4, ".npy") == 0 ? "npz" : "zip";
}

static bool is_safetensors(const uint8_t *bytes, size_t n)
{
    uint64_t len = 0;

    for (size_t i = 0; i < 8 && n > 8; i++)
        len |= (uint64_t)bytes[i] << 8 * i;
    return len > 0 && len < 100000000 && bytes[8] == '{';
}

// The extension that the readers know the format by; NULL: none of these.
static const char *kind_of(const struct fl_temp *temp, enum fl_thing thing)
{
    uint8_t bytes[192];
    ssize_t got = pread(temp->fd, bytes, sizeof bytes, 0);
    size_t n = got > 0 ? (size_t)got : 0;

    if (thing == FL_THING_PICTURE) {
        if (starts(bytes, n, "\xff\xd8\xff", 3))
            return "jpg";
        return starts(bytes, n, "\x89PNG\r\n\x1a\n", 8) ? "png" : NULL;
    }
    if (starts(bytes, n, "\x93NUMPY", 6))
        return "npy";
    if (starts(bytes, n, "PK\x03\x04", 4))
        return kind_of_zip(bytes, n);
    return is_safetensors(bytes, n) ? "safetensors" : NULL;
}

// Formats of several files, and of values without a word about them, are only read where they lie.
static enum fl_err refuse_kind(const struct fl_temp *temp, enum fl_thing thing,
                               struct fl_error *error)
{
    uint8_t bytes[4] = {0};
    ssize_t got = pread(temp->fd, bytes, sizeof bytes, 0);

    if (thing == FL_THING_PICTURE)
        return fl_fail(error, FL_ERR_FORMAT,
                       "These bytes are neither a JPEG nor a PNG picture; convert it to one of "
                       "them.");
    if (got == sizeof bytes && memcmp(bytes, "ENVI", sizeof bytes) == 0)
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "An ENVI cube is two files and cannot be uploaded; load it in Python and "
                       "write it with numpy.save(), or start the server with the path of its "
                       ".hdr.");
    return fl_fail(error, FL_ERR_FORMAT,
                   "These bytes are no .npy, .npz, .safetensors or IFeaLiD .zip file, and values "
                   "without a header cannot be uploaded; load the array in Python and write it "
                   "with numpy.save().");
}

// --- reading it before anybody sees it ---

struct storing {
    struct fl_shelf *shelf;
    const struct fl_named *named;
    const struct fl_catalogue_options *options;
    struct fl_temp *temp;
    char *dir;     // owned; of the scene
    char *file;    // owned; what the file will be called
    char *picture; // owned; the scene's at present, or NULL
    json_t *maps;  // owned; as they are to be
    json_t *gone;  // owned; of the layer, as they were
};

// Sentences name the file as the one who sent it does.
static void rename_in(struct fl_error *error, const char *path, const char *name)
{
    char text[sizeof error->text];
    const char *at = strstr(error->text, path);

    if (!at)
        return;
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - error->text), error->text, name,
             at + strlen(path));
    memcpy(error->text, text, sizeof text);
}

static void hide_paths(const struct storing *storing, struct fl_error *error)
{
    char *temp = fl_text_format("%s/%s", fl_shelf_path(storing->shelf), storing->temp->name);
    char *folder = fl_text_format("%s/", storing->dir);

    rename_in(error, temp, storing->file);
    rename_in(error, folder, "");
    free(temp);
    free(folder);
}

static char *find_picture(const char *dir)
{
    static const char *const names[] = {"picture.jpg", "picture.png"};

    for (size_t i = 0; i < 2; i++) {
        char *path = fl_text_format("%s/%s", dir, names[i]);
        bool is_there = access(path, F_OK) == 0;
        free(path);
        if (is_there)
            return fl_text_copy(names[i]);
    }
    return NULL;
}

// One map beside a picture, as the reader sees them.
static enum fl_err try_map(const struct storing *storing, const char *picture, json_t *map,
                           struct fl_draft *out, struct fl_error *error)
{
    struct fl_wanted_scene wanted = {0};
    json_t *root = json_pack("{s:[O]}", "maps", map);

    *out = (struct fl_draft){0};
    if (picture)
        json_object_set_new(root, "picture", json_string(picture));
    enum fl_err err = fl_scene_json_parse(storing->file, root, &wanted, error);
    if (!err)
        err = fl_scene_open_wanted(fl_shelf_path(storing->shelf), &wanted, storing->options, out,
                                   error);
    fl_wanted_scene_finish(&wanted);
    json_decref(root);
    return err;
}

static char *below(const char *scene, const char *file)
{
    return file ? fl_text_format("%s/%s", scene, file) : NULL;
}

static json_t *describe(const struct fl_named *named, const char *file)
{
    static const char *const layouts[] = {NULL, "HWC", "CHW", "1CHW", "1HWC", "NLC"};
    const struct fl_spec *spec = &named->spec;
    const double *extent = named->extent;
    json_t *map = json_pack("{s:s}", "file", file);

    if (named->has_extent)
        json_object_set_new(map, "extent",
                            json_pack("[f,f,f,f]", extent[0], extent[1], extent[2], extent[3]));
    if (spec->layout != FL_LAYOUT_AUTO)
        json_object_set_new(map, "layout", json_string(layouts[spec->layout]));
    if (spec->grid[0] > 0)
        json_object_set_new(
            map, "grid", json_pack("[I,I]", (json_int_t)spec->grid[0], (json_int_t)spec->grid[1]));
    if (spec->skip > 0)
        json_object_set_new(map, "skip", json_integer((json_int_t)spec->skip));
    return map;
}

// The new layers behind the others: one has the name that was asked for, several theirs behind it.
static enum fl_err add_layers(struct storing *storing, const struct fl_draft *draft,
                              struct fl_stored *out, struct fl_error *error)
{
    const struct fl_named *named = storing->named;
    enum fl_err err = FL_OK;

    out->layers = fl_calloc(draft->n_maps, sizeof *out->layers);
    for (size_t i = 0; i < draft->n_maps && !err; i++) {
        const char *array = fl_map_facts(draft->maps[i])->name;
        bool alone = draft->n_maps == 1;
        char *layer =
            alone ? fl_text_copy(named->layer) : fl_text_format("%s-%s", named->layer, array);
        json_t *map = describe(named, storing->file);
        if (!alone)
            json_object_set_new(map, "array", json_string(array));
        char *by_itself = fl_file_name(storing->temp->name);
        if (strcmp(array, by_itself) != 0) // it has a name of its own
            json_object_set_new(map, "name", json_string(layer));
        free(by_itself);
        json_array_append_new(storing->maps, map);
        out->layers[out->n++] = layer;
        err = fl_name_check("The layer", layer, error);
    }
    return err;
}

static enum fl_err check_map(struct storing *storing, struct fl_stored *out, struct fl_error *error)
{
    char *picture = below(storing->named->scene, storing->picture);
    json_t *map = describe(storing->named, storing->temp->name);
    struct fl_draft draft = {0};
    enum fl_err err = try_map(storing, picture, map, &draft, error);

    out->created = true;
    for (size_t i = json_array_size(storing->maps); i-- > 0;)
        if (fl_manifest_is(json_array_get(storing->maps, i), storing->named->layer)) {
            out->created = false;
            json_array_append(storing->gone, json_array_get(storing->maps, i));
            json_array_remove(storing->maps, i);
        }
    if (!err)
        err = add_layers(storing, &draft, out, error);
    fl_draft_finish(&draft);
    json_decref(map);
    free(picture);
    return err;
}

// A picture of another shape may leave a map's layout open: then it is not for this scene.
static enum fl_err check_picture(struct storing *storing, struct fl_error *error)
{
    struct fl_picture *picture = NULL;
    char *path = fl_text_format("%s/%s", fl_shelf_path(storing->shelf), storing->temp->name);
    enum fl_err err = fl_picture_open(path, &picture, error);

    for (size_t i = 0; i < json_array_size(storing->maps) && !err; i++) {
        json_t *map = json_deep_copy(json_array_get(storing->maps, i));
        char *file = below(storing->named->scene, fl_manifest_file(map));
        struct fl_draft draft = {0};
        json_object_set_new(map, "file", json_string(file));
        err = try_map(storing, storing->temp->name, map, &draft, error);
        fl_draft_finish(&draft);
        free(file);
        json_decref(map);
    }
    fl_picture_unref(picture);
    free(path);
    return err;
}

// --- making it so ---

static enum fl_err fail_io(struct fl_error *error)
{
    return fl_fail(error, FL_ERR_IO,
                   "The server cannot write into its upload directory: %s; tell the one who runs "
                   "it.",
                   fl_errno_str());
}

// What the new file stands for now, under another extension.
static void remove_others(const struct storing *storing, int dir)
{
    const char *picture = storing->picture;

    for (size_t i = 0; i < json_array_size(storing->gone); i++) {
        const char *file = fl_manifest_file(json_array_get(storing->gone, i));
        if (strcmp(file, storing->file) != 0 && !fl_manifest_has_file(storing->maps, file))
            unlinkat(dir, file, 0);
    }
    if (storing->named->thing == FL_THING_PICTURE && picture && strcmp(picture, storing->file) != 0)
        unlinkat(dir, picture, 0);
}

static enum fl_err put_in_place(struct storing *storing, struct fl_error *error)
{
    int root = fl_shelf_fd(storing->shelf);
    bool made = mkdirat(root, storing->named->scene, 0777) == 0;
    int dir = fl_shelf_open_scene(storing->shelf, storing->named->scene);
    enum fl_err err = FL_OK;

    if (dir < 0 || renameat(root, storing->temp->name, dir, storing->file) != 0) {
        err = fail_io(error);
    } else {
        close(storing->temp->fd);
        *storing->temp = (struct fl_temp){0};
        err = fl_manifest_write(storing->maps, dir, error);
        if (err)
            unlinkat(dir, storing->file, 0);
    }
    if (!err) {
        remove_others(storing, dir);
        fsync(dir);
        fsync(root);
    } else if (made) {
        unlinkat(root, storing->named->scene, AT_REMOVEDIR);
    }
    if (dir >= 0)
        close(dir);
    return err;
}

// The readers tell formats by names.
static enum fl_err give_extension(struct storing *storing, struct fl_error *error)
{
    const char *kind = kind_of(storing->temp, storing->named->thing);
    struct fl_temp *temp = storing->temp;
    char name[sizeof temp->name];
    int root = fl_shelf_fd(storing->shelf);

    if (!kind)
        return refuse_kind(temp, storing->named->thing, error);
    snprintf(name, sizeof name, "%.30s.%s", temp->name, kind);
    if (renameat(root, temp->name, root, name) != 0)
        return fail_io(error);
    memcpy(temp->name, name, sizeof name);
    bool is_map = storing->named->thing == FL_THING_MAP;
    storing->file = fl_text_format("%s.%s", is_map ? storing->named->layer : "picture", kind);
    return FL_OK;
}

enum fl_err fl_shelf_store(struct fl_shelf *shelf, const struct fl_named *named,
                           const struct fl_catalogue_options *options, struct fl_temp *temp,
                           struct fl_stored *out, struct fl_error *error)
{
    struct storing storing = {.shelf = shelf, .named = named, .options = options, .temp = temp};
    struct fl_error reason = {0};
    enum fl_err err = fsync(temp->fd) == 0 ? FL_OK : fail_io(&reason);

    *out = (struct fl_stored){0};
    storing.dir = fl_shelf_scene_path(shelf, named->scene);
    storing.picture = find_picture(storing.dir);
    storing.gone = json_array();
    if (!err)
        err = give_extension(&storing, &reason);
    if (!err && !(storing.maps = fl_manifest_read(storing.dir, &reason)))
        err = reason.code;
    if (!err && named->thing == FL_THING_MAP)
        err = check_map(&storing, out, &reason);
    if (!err && named->thing == FL_THING_PICTURE) {
        err = check_picture(&storing, &reason);
        out->created = !storing.picture;
    }
    if (!err && storing.file)
        err = put_in_place(&storing, &reason);
    if (err && storing.file)
        hide_paths(&storing, &reason);
    if (err && error)
        *error = reason;
    if (err)
        fl_stored_finish(out);
    fl_shelf_drop(shelf, temp);
    json_decref(storing.maps);
    json_decref(storing.gone);
    free(storing.dir);
    free(storing.file);
    free(storing.picture);
    return err;
}
