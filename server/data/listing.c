#define LOG_MODULE "catalogue"
#include "listing.h"

#include "file.h"
#include "scene.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct root {
    char *path;            // owned; as it was given
    struct fl_error error; // why it holds nothing
    bool told;             // that was said
    bool quiet;            // being empty is no mistake
};

struct fl_listing {
    struct root *roots; // owned
    size_t n;
    bool silent; // what is left out was said
};

struct found { // paths of scenes
    char **paths;
    size_t n, room;
};

struct fl_listing *fl_listing_create(char *const *paths, size_t n)
{
    struct fl_listing *listing = fl_new(struct fl_listing);

    listing->roots = fl_calloc(n + 1, sizeof *listing->roots);
    for (size_t i = 0; i < n; i++)
        listing->roots[i].path = fl_text_copy(paths[i]);
    listing->n = n;
    return listing;
}

void fl_listing_destroy(struct fl_listing *listing)
{
    if (!listing)
        return;
    for (size_t i = 0; i < listing->n; i++)
        free(listing->roots[i].path);
    free(listing->roots);
    free(listing);
}

static bool is_same_place(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

void fl_listing_add(struct fl_listing *listing, const char *path)
{
    for (size_t i = 0; i < listing->n; i++)
        if (is_same_place(listing->roots[i].path, path)) {
            free(listing->roots[i].path); // under its absolute name from now on
            listing->roots[i].path = fl_text_copy(path);
            return;
        }
    struct root *roots = fl_calloc(listing->n + 1, sizeof *roots);
    for (size_t i = 0; i < listing->n; i++)
        roots[i] = listing->roots[i];
    free(listing->roots);
    listing->roots = roots;
    roots[listing->n++] = (struct root){.path = fl_text_copy(path), .quiet = true};
}

static void add(struct found *found, char *path) // takes it
{
    found->paths = fl_grow(found->paths, found->n, &found->room, sizeof *found->paths);
    found->paths[found->n++] = path;
}

// A mistake is told when it is new.
static void note(struct root *root, const struct fl_error *error)
{
    if (strcmp(root->error.text, error->text) == 0)
        return;
    root->told = root->quiet && error->code == FL_ERR_NOT_FOUND;
    root->error = *error;
}

// A zarr store is a directory, but no scene.
static bool is_zarr(const char *path)
{
    return fl_text_has_extension(path, (const char *const[]){"zarr", NULL});
}

// A directory of scenes: each file and each subdirectory in it.
static enum fl_err list(const struct fl_listing *listing, const char *path, struct found *found,
                        struct fl_error *error)
{
    char **names = NULL;
    size_t n = 0, before = found->n;
    enum fl_err err = fl_scene_list(path, &names, &n, error);

    if (err)
        return err;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        bool is_dir = names[i][len - 1] == '/';
        if (is_dir)
            names[i][len - 1] = '\0';
        char *full = fl_text_format("%s/%s", path, names[i]);
        if (is_dir || fl_file_is_map(full) || fl_file_kind_of(full) == FL_FILE_PICTURE) {
            add(found, full);
            continue;
        }
        if (!listing->silent && !fl_file_is_part(full))
            log_info("%s is no map and no picture and is left out", full);
        free(full);
    }
    fl_scene_free_list(names, n);
    if (found->n > before)
        return FL_OK;
    return fl_fail(error, FL_ERR_NOT_FOUND,
                   "%s holds nothing to show; put a .npy, .npz, .safetensors, ENVI cube, IFeaLiD "
                   ".zip, JPEG or PNG into it.",
                   path);
}

// False: the file system does not tell.
static bool read_root(const struct fl_listing *listing, struct root *root, struct found *found)
{
    struct fl_error error = {0};
    struct stat info;
    char *file = fl_spec_file(root->path);
    bool is_there = stat(file, &info) == 0;

    free(file);
    if (!is_there) {
        bool away = errno == ENOENT || errno == ENOTDIR;
        fl_fail(&error, FL_ERR_NOT_FOUND, "%s cannot be opened: %s; check the path.", root->path,
                fl_errno_str());
        note(root, &error);
        return away || !listing->silent;
    }
    // "." and "dir/" have names too.
    char *real = S_ISDIR(info.st_mode) ? realpath(root->path, NULL) : NULL;
    const char *path = real ? real : root->path;
    enum fl_err err = FL_OK;
    if (S_ISDIR(info.st_mode) && !fl_scene_is_marked(path) && !is_zarr(path))
        err = list(listing, path, found, &error);
    else
        add(found, fl_text_copy(path));
    free(real);
    if (err)
        note(root, &error);
    else
        root->error = (struct fl_error){0};
    return err != FL_ERR_IO || !listing->silent;
}

bool fl_listing_read(struct fl_listing *listing, char ***paths, size_t *n)
{
    struct found found = {0};
    bool told = true;

    for (size_t i = 0; i < listing->n && told; i++)
        told = read_root(listing, &listing->roots[i], &found);
    listing->silent = true;
    if (!told) {
        fl_scene_free_list(found.paths, found.n);
        found = (struct found){0};
    }
    *paths = found.paths;
    *n = found.n;
    return told;
}

bool fl_listing_take_error(struct fl_listing *listing, struct fl_error *error)
{
    for (size_t i = 0; i < listing->n; i++) {
        struct root *root = &listing->roots[i];
        if (!root->error.code || root->told)
            continue;
        root->told = true;
        *error = root->error;
        return true;
    }
    return false;
}

enum fl_err fl_listing_open(const char *path, const struct fl_catalogue_options *options,
                            struct fl_draft *out, struct fl_error *error)
{
    struct stat info;

    if (fl_spec_is_in(path))
        return fl_scene_open_file(path, options, out, error);
    if (stat(path, &info) != 0)
        return fl_fail(error, FL_ERR_NOT_FOUND, "%s cannot be opened: %s; check the path.", path,
                       fl_errno_str());
    if (S_ISDIR(info.st_mode))
        return is_zarr(path) ? fl_file_refuse_foreign(path, error)
                             : fl_scene_open_dir(path, options, out, error);
    if (!S_ISREG(info.st_mode))
        return fl_fail(error, FL_ERR_UNSUPPORTED,
                       "%s is neither a file nor a directory; give the path of one.", path);
    return fl_scene_open_file(path, options, out, error);
}
