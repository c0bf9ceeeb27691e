#include "manifest.h"
#include "scene.h"
#include "shelf.h"
#include "text.h"

#include "server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum fl_err fail_io(struct fl_error *error)
{
    return fl_fail(error, FL_ERR_IO,
                   "The server cannot delete this from its upload directory: %s; tell the one who "
                   "runs it.",
                   fl_errno_str());
}

static enum fl_err not_found(const struct fl_named *named, struct fl_error *error)
{
    if (named->thing == FL_THING_MAP)
        return fl_fail(error, FL_ERR_NOT_FOUND,
                       "The scene \"%.150s\" has no uploaded layer \"%.150s\"; api/v1/scenes "
                       "lists those there are.",
                       named->scene, named->layer);
    return fl_fail(error, FL_ERR_NOT_FOUND, "The scene \"%.150s\" has no uploaded picture.",
                   named->scene);
}

// Files that nothing refers to any more go last: what is seen is always whole.
static enum fl_err remove_layer(const struct fl_named *named, const char *dir, int fd,
                                struct fl_error *error)
{
    json_t *maps = fl_manifest_read(dir, error), *gone = json_array();
    enum fl_err err = maps ? FL_OK : error->code;

    for (size_t i = json_array_size(maps); i-- > 0;) {
        json_t *map = json_array_get(maps, i);
        if (!fl_manifest_is(map, named->layer))
            continue;
        json_array_append(gone, map);
        json_array_remove(maps, i);
    }
    if (!err && json_array_size(gone) == 0)
        err = not_found(named, error);
    if (!err)
        err = fl_manifest_write(maps, fd, error);
    for (size_t i = 0; i < json_array_size(gone) && !err; i++) {
        const char *file = fl_manifest_file(json_array_get(gone, i));
        if (!fl_manifest_has_file(maps, file) && unlinkat(fd, file, 0) != 0 && errno != ENOENT)
            err = fail_io(error);
    }
    json_decref(maps);
    json_decref(gone);
    return err;
}

static enum fl_err remove_picture(const struct fl_named *named, int fd, struct fl_error *error)
{
    bool any = unlinkat(fd, "picture.jpg", 0) == 0;

    any = unlinkat(fd, "picture.png", 0) == 0 || any;
    return any ? FL_OK : not_found(named, error);
}

static enum fl_err remove_files(const char *dir, int fd, struct fl_error *error)
{
    char **names = NULL;
    size_t n = 0;
    enum fl_err err = fl_scene_list(dir, &names, &n, error);

    for (size_t i = 0; i < n && !err; i++)
        if (names[i][strlen(names[i]) - 1] == '/')
            err = fl_fail(error, FL_ERR_FORBIDDEN,
                          "This scene holds directories that nobody uploaded; the one who runs "
                          "the server can delete it.");
    // In reverse: scene.json comes before what it names is gone only where names begin late.
    for (size_t i = n; i-- > 0 && !err;)
        if (unlinkat(fd, names[i], 0) != 0 && errno != ENOENT)
            err = fail_io(error);
    fl_scene_free_list(names, n);
    return err;
}

enum fl_err fl_shelf_remove(struct fl_shelf *shelf, const struct fl_named *named,
                            struct fl_error *error)
{
    char *dir = fl_shelf_scene_path(shelf, named->scene);
    int fd = fl_shelf_open_scene(shelf, named->scene);
    struct fl_error reason = {0};
    enum fl_err err = FL_OK;

    if (fd < 0)
        err = fl_fail(&reason, FL_ERR_NOT_FOUND,
                      "There is no uploaded scene \"%.200s\"; api/v1/scenes lists those there "
                      "are.",
                      named->scene);
    else if (named->thing == FL_THING_MAP)
        err = remove_layer(named, dir, fd, &reason);
    else if (named->thing == FL_THING_PICTURE)
        err = remove_picture(named, fd, &reason);
    else
        err = remove_files(dir, fd, &reason);
    if (fd >= 0) {
        if (!err) // refused where something is left in it, which is fine
            unlinkat(fl_shelf_fd(shelf), named->scene, AT_REMOVEDIR);
        close(fd);
    }
    if (err && error)
        *error = reason;
    free(dir);
    return err;
}
