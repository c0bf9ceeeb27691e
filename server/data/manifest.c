#include "manifest.h"

#include "draft.h"
#include "file.h"
#include "scene.h"
#include "text.h"

#include "server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SCENE_JSON[] = "scene.json", HIDDEN[] = ".upload-scene.json";

static json_t *from_files(const char *dir)
{
    json_t *maps = json_array();
    char **names = NULL;
    size_t n = 0;

    if (fl_scene_list(dir, &names, &n, NULL)) // there is no such scene yet
        return maps;
    for (size_t i = 0; i < n; i++)
        if (names[i][strlen(names[i]) - 1] != '/' && strcmp(names[i], SCENE_JSON) != 0 &&
            fl_file_kind_of(names[i]) != FL_FILE_PICTURE)
            json_array_append_new(maps, json_pack("{s:s}", "file", names[i]));
    fl_scene_free_list(names, n);
    return maps;
}

json_t *fl_manifest_read(const char *dir, struct fl_error *error)
{
    char *path = fl_text_format("%s/%s", dir, SCENE_JSON);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    bool is_there = access(path, F_OK) == 0;
    json_t *maps = json_incref(json_object_get(root, "maps"));

    free(path);
    json_decref(root);
    if (json_is_array(maps))
        return maps;
    json_decref(maps);
    if (!is_there || root)
        return from_files(dir);
    fl_fail(error, FL_ERR_FORMAT,
            "The scene's scene.json cannot be read; tell the one who runs this server to mend it.");
    return NULL;
}

const char *fl_manifest_file(const json_t *map)
{
    const char *file = json_string_value(json_object_get(map, "file"));
    return file ? file : "";
}

bool fl_manifest_is(const json_t *map, const char *layer)
{
    const char *name = json_string_value(json_object_get(map, "name"));
    char *own = fl_file_name(fl_manifest_file(map));
    bool is_it = strcmp(own, layer) == 0 || (name && strcmp(name, layer) == 0);

    free(own);
    return is_it;
}

bool fl_manifest_has_file(const json_t *maps, const char *file)
{
    for (size_t i = 0; i < json_array_size(maps); i++)
        if (strcmp(fl_manifest_file(json_array_get(maps, i)), file) == 0)
            return true;
    return false;
}

static bool says_more(const json_t *maps)
{
    for (size_t i = 0; i < json_array_size(maps); i++)
        if (json_object_size(json_array_get(maps, i)) > 1)
            return true;
    return false;
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0;
}

enum fl_err fl_manifest_write(json_t *maps, int fd, struct fl_error *error)
{
    if (!says_more(maps)) {
        unlinkat(fd, SCENE_JSON, 0);
        return FL_OK;
    }
    json_t *root = json_pack("{s:O}", "maps", maps);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    int file = openat(fd, HIDDEN, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool done = text && file >= 0 && write_all(file, text, strlen(text)) &&
                renameat(fd, HIDDEN, fd, SCENE_JSON) == 0;

    if (file >= 0)
        close(file);
    free(text);
    json_decref(root);
    return done ? FL_OK
                : fl_fail(error, FL_ERR_IO,
                          "The server cannot write into its upload directory: %s; tell the one "
                          "who runs it.",
                          fl_errno_str());
}
