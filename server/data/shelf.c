#define LOG_MODULE "uploads"
#include "shelf.h"

#include "draft.h"
#include "file.h"
#include "scene.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static const char HIDDEN[] = ".upload-"; // how the names of incomplete files begin

struct fl_shelf {
    char *path; // owned
    int fd;
    uint64_t quota, used;
    unsigned last; // number of a temporary file
};

enum fl_err fl_shelf_open(const char *path, uint64_t quota, struct fl_shelf **out,
                          struct fl_error *error)
{
    struct fl_shelf *shelf = fl_new(struct fl_shelf);
    int made = mkdir(path, 0777);

    *out = NULL;
    shelf->quota = quota;
    shelf->path = made == 0 || errno == EEXIST ? realpath(path, NULL) : NULL;
    shelf->fd = shelf->path ? open(shelf->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (shelf->fd < 0 || faccessat(shelf->fd, ".", W_OK | X_OK, 0) != 0) {
        fl_fail(error, FL_ERR_IO,
                "%s cannot hold uploads: %s; give --upload-dir a directory that this server may "
                "write to.",
                path, fl_errno_str());
        fl_shelf_close(shelf);
        return FL_ERR_IO;
    }
    fl_shelf_sweep(shelf);
    fl_shelf_measure(shelf);
    *out = shelf;
    return FL_OK;
}

void fl_shelf_close(struct fl_shelf *shelf)
{
    if (!shelf)
        return;
    if (shelf->fd >= 0)
        close(shelf->fd);
    free(shelf->path);
    free(shelf);
}

const char *fl_shelf_path(const struct fl_shelf *shelf)
{
    return shelf->path;
}

int fl_shelf_fd(const struct fl_shelf *shelf)
{
    return shelf->fd;
}

char *fl_shelf_scene_path(const struct fl_shelf *shelf, const char *scene)
{
    return fl_text_format("%s/%s", shelf->path, scene);
}

uint64_t fl_shelf_quota(const struct fl_shelf *shelf)
{
    return shelf->quota;
}

uint64_t fl_shelf_used(const struct fl_shelf *shelf)
{
    return shelf->used;
}

// --- what is there ---

// Calls `each` for all names in a directory; closes fd.
static void walk(int fd, void (*each)(int dir, const char *name, void *user), void *user)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry = NULL;

    if (!dir && fd >= 0)
        close(fd);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): each thread reads a stream of its own
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            each(dirfd(dir), entry->d_name, user);
    if (dir)
        closedir(dir);
}

static int open_below(int dir, const char *name)
{
    return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int fl_shelf_open_scene(const struct fl_shelf *shelf, const char *scene)
{
    return open_below(shelf->fd, scene);
}

static void add_size(int dir, const char *name, void *user)
{
    struct stat info;

    if (strncmp(name, HIDDEN, strlen(HIDDEN)) == 0 ||
        fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return; // what is incomplete is counted with its announced size
    if (S_ISREG(info.st_mode))
        *(uint64_t *)user += (uint64_t)info.st_size;
    if (S_ISDIR(info.st_mode))
        walk(open_below(dir, name), add_size, user);
}

void fl_shelf_measure(struct fl_shelf *shelf)
{
    uint64_t used = 0;

    walk(open_below(shelf->fd, "."), add_size, &used);
    shelf->used = used;
}

static void sweep_one(int dir, const char *name, void *user)
{
    const time_t *now = user;
    struct stat info;

    if (strncmp(name, HIDDEN, strlen(HIDDEN)) != 0 ||
        fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode) ||
        *now - info.st_mtim.tv_sec < FL_SHELF_PATIENCE)
        return;
    log_info("%s is left of an upload that was broken off, and is removed", name);
    unlinkat(dir, name, 0);
}

void fl_shelf_sweep(struct fl_shelf *shelf)
{
    time_t now = time(NULL);

    walk(open_below(shelf->fd, "."), sweep_one, &now);
}

struct sized {
    const struct fl_named *named;
    uint64_t bytes;
};

static void add_named(int dir, const char *name, void *user)
{
    struct sized *sized = user;
    struct stat info;
    bool is_picture = fl_file_kind_of(name) == FL_FILE_PICTURE;
    char *layer = fl_file_name(name);
    bool is_it = sized->named->thing == FL_THING_PICTURE
                     ? is_picture && strcmp(layer, "picture") == 0
                     : !is_picture && strcmp(layer, sized->named->layer) == 0;

    free(layer);
    if (is_it && fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
        sized->bytes += (uint64_t)info.st_size;
}

uint64_t fl_shelf_size_of(const struct fl_shelf *shelf, const struct fl_named *named)
{
    struct sized sized = {named, 0};

    walk(fl_shelf_open_scene(shelf, named->scene), add_named, &sized);
    return sized.bytes;
}

enum fl_err fl_shelf_check_space(const struct fl_shelf *shelf, uint64_t bytes,
                                 struct fl_error *error)
{
    struct statvfs info;
    char wanted[FL_TEXT_SIZE], left[FL_TEXT_SIZE];

    if (fstatvfs(shelf->fd, &info) != 0 || bytes / info.f_frsize < info.f_bavail)
        return FL_OK;
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "This upload has %s and the server's disk has %s left; delete what is not "
                   "needed.",
                   fl_text_size(wanted, bytes),
                   fl_text_size(left, (uint64_t)info.f_bavail * info.f_frsize));
}

enum fl_err fl_shelf_check(const struct fl_shelf *shelf, const struct fl_named *named,
                           struct fl_error *error)
{
    struct stat info;
    enum fl_err err = fl_name_check("The scene", named->scene, error);

    if (!err && named->thing == FL_THING_MAP)
        err = fl_name_check("The layer", named->layer, error);
    if (!err &&
        (named->scene[0] == '.' || (named->thing == FL_THING_MAP && named->layer[0] == '.')))
        err = fl_fail(error, FL_ERR_FORMAT,
                      "The names of uploads do not begin with \".\"; choose another name.");
    if (!err && fstatat(shelf->fd, named->scene, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISDIR(info.st_mode))
        err = fl_fail(error, FL_ERR_FORBIDDEN,
                      "\"%.200s\" is not a scene that was uploaded; choose another name.",
                      named->scene);
    return err;
}

// --- temporary files ---

enum fl_err fl_shelf_begin(struct fl_shelf *shelf, struct fl_temp *out, struct fl_error *error)
{
    *out = (struct fl_temp){.fd = -1};
    for (int tries = 0; tries < 100 && out->fd < 0; tries++) {
        snprintf(out->name, sizeof out->name, "%s%ld-%u", HIDDEN, (long)getpid(), ++shelf->last);
        out->fd =
            openat(shelf->fd, out->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (out->fd < 0 && errno != EEXIST)
            break;
    }
    if (out->fd >= 0)
        return FL_OK;
    *out = (struct fl_temp){0};
    return fl_fail(error, FL_ERR_IO,
                   "The server cannot write into its upload directory: %s; tell the one who runs "
                   "it.",
                   fl_errno_str());
}

void fl_shelf_drop(struct fl_shelf *shelf, struct fl_temp *temp)
{
    if (temp->name[0] == '\0')
        return;
    if (temp->fd >= 0)
        close(temp->fd);
    unlinkat(shelf->fd, temp->name, 0);
    *temp = (struct fl_temp){0};
}

void fl_stored_finish(struct fl_stored *stored)
{
    fl_scene_free_list(stored->layers, stored->n);
    *stored = (struct fl_stored){0};
}
