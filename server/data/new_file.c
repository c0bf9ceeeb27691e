#include "new_file.h"

#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct fl_new_file {
    char *path;      // owned
    char *temporary; // owned
    int fd;
    bool replace;
};

static enum fl_err refuse(const char *path, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_IO, "%s cannot be written: %s.", path, fl_errno_str());
}

static enum fl_err refuse_existing(const char *path, struct fl_error *error)
{
    return fl_fail(error, FL_ERR_IO,
                   "%s is there already; give another name, or --force to replace it.", path);
}

static void destroy(struct fl_new_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file->temporary);
    free(file);
}

enum fl_err fl_new_file_check(const char *path, bool replace, struct fl_error *error)
{
    struct stat info;

    // A device or a pipe would be replaced by a plain file.
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return fl_fail(error, FL_ERR_IO, "%s is not a plain file; give the name of one.", path);
    if (!replace && access(path, F_OK) == 0)
        return refuse_existing(path, error);
    return FL_OK;
}

enum fl_err fl_new_file_create(const char *path, bool replace, struct fl_new_file **out,
                               struct fl_error *error)
{
    enum fl_err err = fl_new_file_check(path, replace, error);

    *out = NULL;
    if (err)
        return err;
    struct fl_new_file *file = fl_new(struct fl_new_file);
    file->path = fl_text_copy(path);
    file->temporary = fl_text_format("%s.XXXXXX", path);
    file->replace = replace;
    file->fd = mkstemp(file->temporary);
    if (file->fd < 0) {
        err = refuse(path, error);
        destroy(file);
        return err;
    }
    *out = file;
    return FL_OK;
}

const char *fl_new_file_name(const struct fl_new_file *file)
{
    return file->temporary;
}

enum fl_err fl_new_file_write(struct fl_new_file *file, const void *bytes, size_t len,
                              struct fl_error *error)
{
    for (const char *at = bytes; len > 0;) {
        ssize_t n = write(file->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(file->path, error);
        at += n;
        len -= (size_t)n;
    }
    return FL_OK;
}

static mode_t new_file_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

// Without `replace` the kernel sees to it that nothing is replaced, where its file system can;
// where it cannot, what came between the first look and now is.
static int take_place(const struct fl_new_file *file)
{
    if (!file->replace) {
        int done = renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, RENAME_NOREPLACE);
        if (done == 0 || (errno != EINVAL && errno != ENOSYS))
            return done;
    }
    return rename(file->temporary, file->path);
}

enum fl_err fl_new_file_keep(struct fl_new_file *file, struct fl_error *error)
{
    enum fl_err err = FL_OK;
    int closed = close(file->fd); // some file systems tell only now that there was no room

    file->fd = -1;
    // mkstemp makes it private.
    if (closed != 0 || chmod(file->temporary, new_file_mode()) != 0)
        err = refuse(file->path, error);
    else if (take_place(file) != 0)
        err = errno == EEXIST ? refuse_existing(file->path, error) : refuse(file->path, error);
    if (err)
        unlink(file->temporary);
    destroy(file);
    return err;
}

void fl_new_file_drop(struct fl_new_file *file)
{
    if (!file)
        return;
    unlink(file->temporary);
    destroy(file);
}
