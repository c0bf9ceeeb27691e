#include "mapping.h"

#include "sigbus.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct fl_mapping {
    _Atomic(unsigned) owners;
    char *path;                    // owned
    void *bytes;                   // mapped; NULL for an empty file
    struct fl_sigbus_guard *guard; // taken; NULL for an empty file
    struct stat opened;            // as the file was
    _Atomic(bool) changed;         // seen by fl_mapping_check
};

// A pipe or a device must not hold us up, nor be read as a file.
static enum fl_err open_file(const char *path, int *fd, struct stat *info, struct fl_error *error)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0) {
        enum fl_err code = errno == ENOENT || errno == ENOTDIR ? FL_ERR_NOT_FOUND : FL_ERR_IO;
        return fl_fail(error, code, "%s cannot be opened: %s.", path, fl_errno_str());
    }
    if (fstat(*fd, info) < 0)
        return fl_fail(error, FL_ERR_IO, "%s cannot be examined: %s.", path, fl_errno_str());
    if (!S_ISREG(info->st_mode))
        return fl_fail(error, FL_ERR_IO, "%s is not a regular file; give the path of one.", path);
    return FL_OK;
}

static enum fl_err map_file(struct fl_mapping *mapping, int fd, struct fl_error *error)
{
    size_t len = fl_mapping_len(mapping);

    if (len == 0)
        return FL_OK; // there is nothing to map
    void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return fl_fail(error, FL_ERR_IO, "%s cannot be mapped into memory: %s.", mapping->path,
                       fl_errno_str());
    mapping->bytes = bytes;
    mapping->guard = fl_sigbus_take(bytes, len);
    if (!mapping->guard)
        return fl_fail(error, FL_ERR_TOO_BIG,
                       "%s is one file too many to keep open; serve fewer maps at once.",
                       mapping->path);
    return FL_OK;
}

enum fl_err fl_mapping_open(const char *path, struct fl_mapping **out, struct fl_error *error)
{
    struct fl_mapping *mapping = fl_new(struct fl_mapping);
    int fd = -1;

    *out = NULL;
    atomic_init(&mapping->owners, 1);
    mapping->path = fl_text_copy(path);
    enum fl_err err = open_file(path, &fd, &mapping->opened, error);
    if (!err)
        err = map_file(mapping, fd, error);
    if (!err) {
        *out = mapping;
        mapping = NULL;
    }
    if (fd >= 0)
        close(fd);
    fl_mapping_close(mapping);
    return err;
}

struct fl_mapping *fl_mapping_share(struct fl_mapping *mapping)
{
    if (mapping)
        atomic_fetch_add_explicit(&mapping->owners, 1, memory_order_relaxed);
    return mapping;
}

void fl_mapping_close(struct fl_mapping *mapping)
{
    if (!mapping || atomic_fetch_sub(&mapping->owners, 1) != 1)
        return;
    fl_sigbus_give_back(mapping->guard);
    if (mapping->bytes)
        munmap(mapping->bytes, (size_t)mapping->opened.st_size);
    free(mapping->path);
    free(mapping);
}

const void *fl_mapping_bytes(const struct fl_mapping *mapping)
{
    return mapping->bytes;
}

size_t fl_mapping_len(const struct fl_mapping *mapping)
{
    return (size_t)mapping->opened.st_size;
}

bool fl_mapping_gone(const struct fl_mapping *mapping)
{
    return atomic_load(&mapping->changed) ||
           (mapping->guard && atomic_load(&mapping->guard->triggered));
}

bool fl_mapping_check(struct fl_mapping *mapping)
{
    const struct stat *was = &mapping->opened;
    struct stat now;

    if (stat(mapping->path, &now) == 0 && now.st_dev == was->st_dev && now.st_ino == was->st_ino &&
        (now.st_size != was->st_size || now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != was->st_mtim.tv_nsec))
        atomic_store(&mapping->changed, true);
    return fl_mapping_gone(mapping);
}
