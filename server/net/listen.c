#include "listen.h"

#include "server/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static socklen_t fill(const struct fl_address *address, union any_address *out)
{
    memset(out, 0, sizeof *out);
    if (address->is_unix) {
        out->local.sun_family = AF_UNIX;
        memcpy(out->local.sun_path, address->host, sizeof out->local.sun_path);
        return sizeof out->local;
    }
    if (strchr(address->host, ':')) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(address->port);
        inet_pton(AF_INET6, address->host, &out->v6.sin6_addr);
        return sizeof out->v6;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(address->port);
    inet_pton(AF_INET, address->host, &out->v4.sin_addr);
    return sizeof out->v4;
}

// Tries one of bind and connect; 0 or errno.
static int try(const struct fl_address *address,
               int (*what)(int fd, const struct sockaddr *name, socklen_t len))
{
    union any_address name;
    socklen_t len = fill(address, &name);
    int one = 1, result = 0;

    int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        what(fd, &name.any, len) < 0)
        result = errno;
    close(fd);
    return result;
}

static enum fl_err prepare_port(const struct fl_address *address, struct fl_error *error)
{
    int failed = try(address, bind);

    if (failed == EADDRINUSE)
        return fl_fail(error, FL_ERR_IO,
                       "Port %u of %s is in use; end the program that listens there, or choose "
                       "another port with --listen %s:PORT (0 takes any free one).",
                       address->port, address->host, address->host);
    if (failed == EACCES)
        return fl_fail(error, FL_ERR_IO,
                       "Port %u needs privileges; choose one from 1024 to 65535 with --listen.",
                       address->port);
    if (failed) {
        errno = failed;
        return fl_fail(error, FL_ERR_IO,
                       "Cannot listen on %s port %u: %s; choose another address with --listen.",
                       address->host, address->port, fl_errno_str());
    }
    return FL_OK;
}

static enum fl_err remove_stale(const struct fl_address *address, struct fl_error *error)
{
    struct stat info;

    if (lstat(address->host, &info) < 0) {
        if (errno == ENOENT)
            return FL_OK;
        return fl_fail(error, FL_ERR_IO, "Cannot use the socket path \"%s\": %s; choose another.",
                       address->host, fl_errno_str());
    }
    if (!S_ISSOCK(info.st_mode))
        return fl_fail(error, FL_ERR_IO,
                       "\"%s\" exists and is not a socket; remove it or choose another path.",
                       address->host);
    if (try(address, connect) != ECONNREFUSED)
        return fl_fail(error, FL_ERR_IO,
                       "Somebody listens on \"%s\" already; end that program or choose another "
                       "path.",
                       address->host);
    if (unlink(address->host) < 0)
        return fl_fail(error, FL_ERR_IO,
                       "The socket \"%s\" of an earlier run cannot be removed: %s; remove it or "
                       "choose another path.",
                       address->host, fl_errno_str());
    return FL_OK;
}

static enum fl_err prepare_path(const struct fl_address *address, struct fl_error *error)
{
    enum fl_err err = remove_stale(address, error);

    if (err)
        return err;
    int failed = try(address, bind);
    if (failed) {
        errno = failed;
        return fl_fail(error, FL_ERR_IO, "Cannot make the socket \"%s\": %s; choose another path.",
                       address->host, fl_errno_str());
    }
    unlink(address->host);
    return FL_OK;
}

enum fl_err fl_listen_prepare(const struct fl_address *address, struct fl_error *error)
{
    return address->is_unix ? prepare_path(address, error) : prepare_port(address, error);
}
