#define LOG_MODULE "net"
#include "inner.h"

#include "proto/msg.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <string.h>
#include <sys/resource.h>

enum {
    TICK = 50000,          // microseconds
    GOODBYE = 300000,      // microseconds for the last words at the end
    MOST_FRAME = 4 << 20,  // bytes that one send may take; left at 0 a broadcast costs 12 times
    MOST_HEADERS = 16384,  // bytes of a request's headers
    PATIENCE_HEADERS = 10, // seconds
};

struct call {
    void (*run)(void *user, void *argument);
    void *user, *argument;
};

// --- the way in for other threads ---

void fl_net_call(struct fl_net *net, void (*run)(void *user, void *argument), void *user,
                 void *argument)
{
    struct call *call = fl_new(struct call);

    *call = (struct call){run, user, argument};
    fl_mailbox_put(net->calls, call);
    if (!atomic_exchange(&net->woken, true))
        lws_cancel_service(net->lws); // the one function of theirs that other threads may call
}

void fl_net_drain(struct fl_net *net)
{
    struct call *call;

    atomic_store(&net->woken, false); // before looking: what comes later wakes again
    while ((call = fl_mailbox_poll(net->calls))) {
        call->run(call->user, call->argument);
        free(call);
    }
}

void fl_net_stop(struct fl_net *net)
{
    atomic_store(&net->stop, true);
    lws_cancel_service(net->lws);
}

void fl_net_wake(void *socket)
{
    lws_callback_on_writable(socket);
}

// --- the loop ---

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct fl_net *net = lws_container_of(tick, struct fl_net, tick);

    net->ticking = false;
    if (!net->leaving)
        fl_session_tick(net->session);
    fl_net_need_ticks(net);
}

void fl_net_need_ticks(struct fl_net *net)
{
    if (net->ticking || net->viewers.count == 0)
        return;
    net->ticking = true;
    lws_sul_schedule(net->lws, 0, &net->tick, on_tick, TICK);
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct fl_net *net = lws_context_user(lws_get_context(wsi));

    switch ((int)reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        fl_net_drain(net);
        return 0;
    case LWS_CALLBACK_WSI_CREATE:
        net->n_sockets++;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        net->n_sockets--;
        break;
    default:
        break;
    }
    return fl_http_event(wsi, reason, user, in, len);
}

void fl_net_run(struct fl_net *net, struct fl_session *session)
{
    net->session = session;
    net->api.session = session;
    while (!atomic_load(&net->stop))
        if (lws_service(net->lws, 0) < 0)
            break;
    fl_http_forget_all(net);
    fl_ws_say_goodbye(net);
    uint64_t until = fl_now_us() + GOODBYE;
    while (net->viewers.count > 0 && fl_now_us() < until) // ticks wake it
        if (lws_service(net->lws, 0) < 0)
            break;
    fl_ws_forget_all(net);
    lws_sul_cancel(&net->tick);
    net->session = NULL;
    net->api.session = NULL;
}

// --- life ---

static const lws_retry_bo_t idle_policy = {
    .secs_since_valid_ping = 20,
    .secs_since_valid_hangup = 40,
};

// The first serves HTTP; its name has a space, so that no client can ask for it as a subprotocol.
static const struct lws_protocols protocols[] = {
    {.name = "no websocket",
     .callback = on_http,
     .per_session_data_size = sizeof(struct fl_seat),
     .tx_packet_size = MOST_FRAME},
    {.name = FL_PROTOCOL,
     .callback = fl_ws_event,
     .per_session_data_size = sizeof(struct fl_socket),
     .rx_buffer_size = 1024,
     .tx_packet_size = MOST_FRAME},
    {.name = NULL},
};

// Most of what it calls an error is a client that breaks the rules.
static void log_lws(int level, const char *line)
{
    fl_log(level & LLL_ERR ? FL_LOG_WARN : FL_LOG_DEBUG, "lws: %.*s", (int)strcspn(line, "\n"),
           line);
}

// Room for the descriptors of FL_MOST_SOCKETS, not for the millions that some systems allow:
// libwebsockets makes a table of them.
static void set_most_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= FL_MOST_FILES)
        return;
    limit.rlim_cur = limit.rlim_max < FL_MOST_FILES ? limit.rlim_max : FL_MOST_FILES;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        log_warn("only %llu files may be open: %s", (unsigned long long)limit.rlim_cur,
                 fl_errno_str());
}

static bool start_lws(struct fl_net *net)
{
    bool v6 = strchr(net->address.host, ':') != NULL;
    struct lws_context_creation_info info = {
        .port = net->address.port,
        .iface = net->address.host,
        .protocols = protocols,
        .user = net,
        .gid = -1,
        .uid = -1,
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
        .server_string = "farlook",
        .alpn = "http/1.1",
        .max_http_header_data = MOST_HEADERS,
        .pt_serv_buf_size = 65536,
        .timeout_secs = PATIENCE_HEADERS,
        .keepalive_timeout = FL_PATIENCE_IDLE,
        .fd_limit_per_thread = FL_MOST_FILES,
        .retry_and_idle_policy = &idle_policy,
    };

    if (net->address.is_unix)
        info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
    else if (!v6)
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    lws_set_log_level(LLL_ERR | LLL_WARN, log_lws);
    net->lws = lws_create_context(&info);
    return net->lws != NULL;
}

static void make_url(struct fl_net *net)
{
    const char *host = net->address.host;
    struct lws_vhost *vhost = lws_get_vhost_by_name(net->lws, "default");

    if (net->address.is_unix) {
        snprintf(net->url, sizeof net->url, "unix:%s", host);
        return;
    }
    int port = vhost ? lws_get_vhost_listen_port(vhost) : net->address.port;
    snprintf(net->url, sizeof net->url, strchr(host, ':') ? "http://[%s]:%d/" : "http://%s:%d/",
             host, port);
}

static enum fl_err configure(struct fl_net *net, const struct fl_net_options *options,
                             struct fl_error *error)
{
    enum fl_err err = fl_address_parse(options->listen, &net->address, error);

    if (!err)
        err = fl_guard_init(&net->guard, options->public_url, options->origins, options->n_origins,
                            error);
    net->guard.any_host = net->address.is_unix;
    if (!err && net->guard.has_public && net->guard.public.path[0] != '\0')
        err = fl_path_parse(net->guard.public.path, strlen(net->guard.public.path), &net->base,
                            error);
    if (!err)
        err = fl_listen_prepare(&net->address, error);
    return err;
}

struct fl_net *fl_net_create(const struct fl_net_options *options, struct fl_error *error)
{
    struct fl_net *net = fl_new(struct fl_net);

    net->calls = fl_mailbox_create();
    if (configure(net, options, error))
        goto fail;
    net->api.version = options->version;
    net->api.keeper = options->keeper;
    net->api.gpu = options->gpu;
    net->api.software = options->software;
    fl_api_init(&net->api);
    set_most_files();
    if (!start_lws(net)) {
        fl_fail(error, FL_ERR_IO, "Cannot listen on \"%s\"; choose another address with --listen.",
                options->listen);
        goto fail;
    }
    make_url(net);
    return net;

fail:
    fl_net_destroy(net);
    return NULL;
}

void fl_net_destroy(struct fl_net *net)
{
    if (!net)
        return;
    if (net->lws)
        lws_context_destroy(net->lws); // removes a unix socket's file, too
    fl_api_finish(&net->api);
    fl_guard_finish(&net->guard);
    fl_mailbox_destroy(net->calls);
    free(net);
}

const char *fl_net_url(const struct fl_net *net)
{
    return net->url;
}
