#define LOG_MODULE "ws"
#include "inner.h"
#include "room.h"

#include "proto/buf.h"
#include "proto/msg.h"
#include "proto/reply.h"
#include "server/base/clock.h"
#include "server/base/log.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_AT_ONCE = 32768,        // bytes of a fragment
    LEAST_AT_ONCE = 1024,        // smaller ones wait for more room
    KERNEL_BACKLOG = 65536,      // bytes that may wait in the kernel: older frames, all of them
    PATIENCE_MESSAGE = 10000000, // microseconds from a message's first byte to its last
    HEARD = 1000000, // microseconds; libwebsockets goes through all connections' timers to note it
    CLOSE_TOO_LATE = 4408,
};

// --- the handshake ---

// Subprotocols are a list with commas, of which libwebsockets takes the first that it knows.
static bool asks_for_us(const char *list)
{
    while (list && *list) {
        list += strspn(list, " \t,");
        size_t len = strcspn(list, " \t,");
        if (len == strlen(FL_PROTOCOL) && strncmp(list, FL_PROTOCOL, len) == 0)
            return true;
        list += len;
    }
    return false;
}

static enum fl_err check_upgrade(struct fl_net *net, struct lws *wsi, struct fl_error *error)
{
    char host_text[300], origin_text[300], protocol_text[300];
    const char *host = fl_http_header(wsi, WSI_TOKEN_HOST, host_text, sizeof host_text);
    const char *origin = fl_http_header(wsi, WSI_TOKEN_ORIGIN, origin_text, sizeof origin_text);
    const char *protocols =
        fl_http_header(wsi, WSI_TOKEN_PROTOCOL, protocol_text, sizeof protocol_text);
    struct fl_route route;

    enum fl_err err = fl_http_screen(net, wsi, error);
    if (!err)
        err = fl_http_route(net, wsi, &route, error);
    if (err)
        return err;
    if (route.kind != FL_ROUTE_SOCKET)
        return fl_fail(error, FL_ERR_NOT_FOUND, "The WebSocket is at ws, not at this path.");
    if (!fl_guard_allows_origin(&net->guard, origin, host ? host : ""))
        return fl_fail(error, FL_ERR_FORBIDDEN,
                       "Pages of \"%.200s\" may not open this server; start it with --origin and "
                       "that address if they should.",
                       origin);
    if (!asks_for_us(protocols))
        return fl_fail(error, FL_ERR_VERSION,
                       "Open the WebSocket with the subprotocol " FL_PROTOCOL ".");
    if (net->viewers.count >= FL_MOST_VIEWERS)
        return fl_fail(error, FL_ERR_FLOOD,
                       "%d viewers are connected, which is the most; try "
                       "again when some have left.",
                       FL_MOST_VIEWERS);
    return FL_OK;
}

// A whole answer before closing: proxies make "502 Bad Gateway" of a bare hang-up.
int fl_ws_confirm(struct fl_net *net, struct lws *wsi, const char *upgrade)
{
    const struct fl_asker asker = {.last = true};
    struct fl_answer answer = {0};
    struct fl_error error;
    enum fl_err err;

    if (strcasecmp(upgrade, "websocket") == 0)
        err = check_upgrade(net, wsi, &error);
    else
        err = fl_fail(&error, FL_ERR_UNSUPPORTED,
                      "This server speaks HTTP/1.1 and WebSocket; ask without \"Upgrade\".");
    if (!err)
        return 0;
    log_warn("refused a WebSocket: %s", error.text);
    if (err == FL_ERR_FLOOD)
        fl_answer_busy(&answer, &asker, &error);
    else
        fl_answer_error(&answer, &asker, &error);
    if (answer.first)
        lws_write(wsi, fl_buf_bytes(answer.first), fl_buf_len(answer.first), LWS_WRITE_HTTP_FINAL);
    fl_answer_finish(&answer);
    return -1;
}

// The last time that the request's path can be read.
static int note_path(struct lws *wsi, struct fl_socket *c)
{
    struct fl_route route;

    if (fl_http_route(lws_context_user(lws_get_context(wsi)), wsi, &route, NULL))
        return -1;
    memcpy(c->session, route.session, sizeof c->session);
    return 0;
}

// --- a viewer's life ---

static void end_message(struct fl_socket *c)
{
    fl_buf_unref(c->head);
    fl_buf_unref(c->image);
    c->head = c->image = NULL;
    c->at = 0;
}

static void leave(struct fl_socket *c)
{
    struct fl_viewer *viewer = c->viewer;

    c->viewer = NULL;
    if (viewer)
        fl_session_leave(c->net->session, viewer);
    end_message(c);
    free(c->message);
    c->message = NULL;
    c->len = 0;
}

static int hang_up(struct lws *wsi, struct fl_socket *c, unsigned code, const char *reason)
{
    unsigned char text[124];
    size_t len = reason ? strnlen(reason, sizeof text - 1) : 0;

    memcpy(text, reason ? reason : "", len);
    lws_close_reason(wsi, (enum lws_close_status)code, text, len);
    leave(c);
    return -1;
}

static int join(struct lws *wsi, struct fl_socket *c)
{
    struct fl_net *net = lws_context_user(lws_get_context(wsi));
    int lowat = KERNEL_BACKLOG;

    c->net = net;
    c->wsi = wsi;
    lws_dll2_add_tail(&c->list, &net->viewers);
    // Refused on unix sockets, which need none.
    setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat);
    c->viewer = fl_session_join(net->session, wsi, c->session);
    if (!c->viewer)
        return hang_up(wsi, c, 1013, "This server has no room just now; try again soon.");
    fl_net_need_ticks(net);
    return 0;
}

// --- messages to the server ---

static int take(struct lws *wsi, struct fl_socket *c, const void *bytes, size_t len)
{
    uint64_t now = fl_now_us();

    if (now - c->heard > HEARD) {
        c->heard = now;
        lws_validity_confirmed(wsi);
    }
    fl_session_receive(c->net->session, c->viewer, bytes, len);
    return 0;
}

static int receive(struct lws *wsi, struct fl_socket *c, const uint8_t *bytes, size_t len)
{
    size_t limit = fl_viewer_limit(c->viewer), remaining = lws_remaining_packet_payload(wsi);
    bool whole = lws_is_final_fragment(wsi) && remaining == 0;

    if (!lws_frame_is_binary(wsi))
        return hang_up(wsi, c, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE,
                       "Messages are binary: MessagePack.");
    // What this frame announces counts from its first byte on.
    if (len > limit || remaining > limit || c->len + len + remaining > limit)
        return hang_up(wsi, c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
                       "The message is over the limit.");
    if (whole && !c->partial)
        return take(wsi, c, bytes, len);
    if (!c->partial) {
        c->began = fl_now_us();
        lws_set_timer_usecs(wsi, PATIENCE_MESSAGE);
    }
    c->partial = true;
    uint8_t *grown = realloc(c->message, c->len + len + remaining + 1);
    if (!grown)
        return hang_up(wsi, c, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "There is no memory.");
    c->message = grown;
    if (len > 0)
        memcpy(c->message + c->len, bytes, len);
    c->len += len;
    if (!whole)
        return 0;
    len = c->len;
    c->message = NULL;
    c->len = 0;
    c->partial = false;
    take(wsi, c, grown, len);
    free(grown);
    return 0;
}

// The timer is never cancelled (4.1.6 calls back at once for that): it looks what it finds.
static int look(struct lws *wsi, struct fl_socket *c)
{
    uint64_t waited = fl_now_us() - c->began;

    if (!c->viewer || !c->partial)
        return 0;
    if (waited >= PATIENCE_MESSAGE)
        return hang_up(wsi, c, CLOSE_TOO_LATE, "The message did not come to its end.");
    lws_set_timer_usecs(wsi, (lws_usec_t)(PATIENCE_MESSAGE - waited));
    return 0;
}

// --- messages to the viewer: one lws_write per writable socket ---

// Bytes `at` and on of head and image as if they were one.
static void copy_part(const struct fl_socket *c, size_t at, size_t n, uint8_t *out)
{
    size_t n_head = fl_buf_len(c->head), front = at < n_head ? n_head - at : 0;

    if (front > n)
        front = n;
    if (front > 0)
        memcpy(out, fl_buf_bytes(c->head) + at, front);
    if (n > front)
        memcpy(out + front, fl_buf_bytes(c->image) + (at + front - n_head), n - front);
}

// The next fragment of the message, as large as the kernel takes at once (room.h). It is copied:
// libwebsockets writes its own header in front, and others are sent the same image.
static int write_part(struct lws *wsi, struct fl_socket *c)
{
    static uint8_t part[LWS_PRE + MOST_AT_ONCE]; // of the one thread that is here
    size_t all = fl_buf_len(c->head) + (c->image ? fl_buf_len(c->image) : 0);
    size_t room = fl_room_to_write(lws_get_socket_fd(wsi)), n = all - c->at;
    int how = c->at == 0 ? LWS_WRITE_BINARY : LWS_WRITE_CONTINUATION;

    // For the rest of it, for more room, and for what was ready behind it or came meanwhile.
    if (c->more || c->at > 0 || n > MOST_AT_ONCE || n > room)
        lws_callback_on_writable(wsi);
    if (n > MOST_AT_ONCE)
        n = MOST_AT_ONCE;
    if (n > room) {
        if (room < LEAST_AT_ONCE)
            return 0;
        n = room;
    }
    if (c->at + n < all)
        how |= LWS_WRITE_NO_FIN;
    copy_part(c, c->at, n, part + LWS_PRE);
    c->at += n;
    if (c->at == all)
        end_message(c);
    return lws_write(wsi, part + LWS_PRE, n, (enum lws_write_protocol)how) < 0 ? -1 : 0;
}

static int say_goodbye(struct lws *wsi, struct fl_socket *c)
{
    c->head = c->said_bye ? NULL : fl_reply_bye("The server is stopping.", true);
    c->said_bye = c->more = true;
    if (c->head)
        return write_part(wsi, c);
    return hang_up(wsi, c, LWS_CLOSE_STATUS_GOINGAWAY, "The server is stopping.");
}

static int write_next(struct lws *wsi, struct fl_socket *c)
{
    struct fl_out out = {0};

    if (c->head)
        return write_part(wsi, c);
    if (c->net->leaving)
        return say_goodbye(wsi, c);
    if (!fl_session_next(c->viewer, &out))
        return 0;
    if (out.close)
        return hang_up(wsi, c, out.close, out.reason);
    c->head = out.head;
    c->image = out.image;
    c->more = out.more;
    return write_part(wsi, c);
}

// --- the server's end ---

void fl_ws_say_goodbye(struct fl_net *net)
{
    net->leaving = true;
    for (struct lws_dll2 *at = lws_dll2_get_head(&net->viewers); at; at = at->next)
        lws_callback_on_writable(lws_container_of(at, struct fl_socket, list)->wsi);
}

void fl_ws_forget_all(struct fl_net *net)
{
    for (struct lws_dll2 *at = lws_dll2_get_head(&net->viewers); at; at = at->next)
        leave(lws_container_of(at, struct fl_socket, list));
}

int fl_ws_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct fl_socket *c = user;

    switch ((int)reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return note_path(wsi, c);
    case LWS_CALLBACK_ESTABLISHED:
        return join(wsi, c);
    case LWS_CALLBACK_RECEIVE:
        return c->viewer ? receive(wsi, c, in, len) : 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return c->viewer ? write_next(wsi, c) : 0;
    case LWS_CALLBACK_TIMER:
        return look(wsi, c);
    case LWS_CALLBACK_CLOSED:
        leave(c);
        lws_dll2_remove(&c->list);
        return 0;
    default:
        return 0;
    }
}
