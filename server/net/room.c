#include "room.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { MARGIN = 4096 }; // what the kernel's own book-keeping may take of one write

static long option(int socket, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;

    return getsockopt(socket, level, name, &value, &size) == 0 ? value : 0;
}

static long waiting(int socket, unsigned long request)
{
    int bytes = 0;

    return ioctl(socket, request, &bytes) == 0 ? bytes : 0;
}

size_t fl_room_to_write(int socket)
{
    long queued = waiting(socket, SIOCOUTQ);
    // The buffer counts what the kernel allocates, a quarter more than the bytes in it.
    long room = option(socket, SOL_SOCKET, SO_SNDBUF) - queued - queued / 4 - MARGIN;
    long lowat = option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT); // 0: not a TCP socket, or not set

    if (lowat > 0) {
        long unsent = lowat - waiting(socket, SIOCOUTQNSD);
        room = unsent < room ? unsent : room;
    }
    return room > 0 ? (size_t)room : 0;
}
