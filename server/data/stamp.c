#include "stamp.h"

#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const uint64_t SEED = 0xcbf29ce484222325u;

// FNV-1a, and mixed once more at the end, since stamps of files are added up.
static uint64_t hash(uint64_t h, const void *bytes, uint64_t len)
{
    const uint8_t *at = bytes;

    for (uint64_t i = 0; i < len; i++)
        h = (h ^ at[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * 0x100000001b3u;
    return h ^ h >> 31;
}

uint64_t fl_stamp_bytes(const void *bytes, uint64_t len)
{
    uint64_t h = hash(SEED, bytes, len);
    return h ? h : 1;
}

static uint64_t stamp_of(const char *name, const struct stat *info)
{
    uint64_t h = mix(SEED, info->st_ino);

    h = mix(h, (uint64_t)info->st_size);
    h = mix(h, (uint64_t)info->st_mtim.tv_sec);
    h = mix(h, (uint64_t)info->st_mtim.tv_nsec);

    h = hash(h, name, strlen(name));
    return h ? h : 1;
}

static bool is_away(void)
{
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
}

uint64_t fl_stamp_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? stamp_of(fl_text_base(path), &info) : 0;
}

uint64_t fl_stamp_family(const char *path)
{
    const char *base = fl_text_base(path);
    size_t stem = strcspn(base, ".");
    uint64_t sum = fl_stamp_file(path);

    if (!sum || stem == 0)
        return sum;
    char *folder = fl_text_format("%.*s", (int)(base - path), path);
    DIR *dir = opendir(*folder ? folder : ".");
    const struct dirent *entry = NULL;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): each thread reads a stream of its own
    while (dir && (entry = readdir(dir))) {
        size_t own = strcspn(entry->d_name, ".");
        if (own != stem || strncmp(entry->d_name, base, stem) != 0)
            continue;
        char *full = fl_text_format("%s%s", folder, entry->d_name);
        sum += fl_stamp_file(full);
        free(full);
    }
    if (dir)
        closedir(dir);
    free(folder);
    return sum ? sum : 1;
}

static bool add_tree(const char *path, unsigned depth, uint64_t *sum);

static bool add_directory(const char *path, unsigned depth, uint64_t *sum)
{
    DIR *dir = opendir(path);
    const struct dirent *entry = NULL;
    bool told = dir != NULL || is_away() || errno == EACCES;

    // NOLINTNEXTLINE(concurrency-mt-unsafe): each thread reads a stream of its own
    while (dir && told && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        char *full = fl_text_format("%s/%s", path, entry->d_name);
        told = add_tree(full, depth - 1, sum);
        free(full);
    }
    if (dir)
        closedir(dir);
    return told;
}

static bool add_tree(const char *path, unsigned depth, uint64_t *sum)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return is_away() || errno == EACCES;
    if (!S_ISDIR(info.st_mode)) {
        *sum += stamp_of(fl_text_base(path), &info);
        return true;
    }
    // A directory's own time changes with hidden files, too: its name and inode alone.
    *sum += hash(mix(SEED, info.st_ino), path, strlen(path));
    return depth == 0 || add_directory(path, depth, sum);
}

bool fl_stamp_tree(const char *path, unsigned depth, uint64_t *out)
{
    *out = 0;
    return add_tree(path, depth, out);
}
