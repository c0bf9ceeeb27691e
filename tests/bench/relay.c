#include "relay.h"

#include "socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void carry(struct way *const ways[2], const int from[2])
{
    while (!way_is_over(ways[0]) && !way_is_over(ways[1])) {
        struct pollfd polls[2];
        uint64_t wait = UINT64_MAX;
        for (int k = 0; k < 2; k++) {
            uint64_t due = way_due(ways[k]);
            wait = due < wait ? due : wait;
            polls[k].fd = way_wants_more(ways[k]) ? from[k] : -1;
            polls[k].events = POLLIN;
        }
        ppoll(polls, 2, &(struct timespec){0, (long)wait * 1000}, NULL);
        way_step(ways[0]);
        way_step(ways[1]);
    }
}

static void run(const struct link_kind *kind, int listening, uint16_t target)
{
    int client = accept(listening, NULL, NULL), server = loopback_connect(target, true);

    if (client < 0 || server < 0)
        return;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(client, F_SETFL, O_NONBLOCK);
    fcntl(server, F_SETFL, O_NONBLOCK);
    struct way *ways[2] = {way_create(kind, client, server, 1),
                           way_create(kind, server, client, 2)};
    if (ways[0] && ways[1])
        carry(ways, (const int[]){client, server});
    way_destroy(ways[0]);
    way_destroy(ways[1]);
}

pid_t relay_start(const struct link_kind *kind, uint16_t target, uint16_t *port)
{
    int listening = -1;

    *port = loopback_listen(&listening);
    pid_t pid = *port ? fork() : -1;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(kind, listening, target);
        _exit(0);
    }
    if (listening >= 0)
        close(listening);
    return pid;
}
