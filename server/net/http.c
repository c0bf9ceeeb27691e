#define LOG_MODULE "http"
#include "inner.h"
#include "room.h"

#include "proto/buf.h"
#include "server/base/log.h"
#include "server/base/mem.h"

#include <poll.h>
#include <string.h>

enum {
    PIECE = 131072,      // bytes of a body per writable socket
    PATIENCE_SHOT = 300, // seconds that loading and rendering may take
    PATIENCE_WRITE = 30, // seconds without progress of a slow reader
    PATIENCE_MANY = 5,   // seconds to the next request where FL_MANY_SOCKETS are open
    LOOK = 250000,       // microseconds between looks at whether the asker is still there
};

enum fl_err fl_http_screen(struct fl_net *net, struct lws *wsi, struct fl_error *error)
{
    char buffer[300];
    const char *host = fl_http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer);

    if (!fl_guard_allows_host(&net->guard, host ? host : ""))
        return fl_fail(
            error, FL_ERR_FORBIDDEN,
            "This server does not answer to the host \"%.200s\"; open it as 127.0.0.1 or "
            "localhost, or start it with --public-url and the address you use.",
            host ? host : "");
    if (net->n_sockets > FL_MOST_SOCKETS || net->leaving)
        return fl_fail(error, FL_ERR_FLOOD, "This server has no room just now; try again soon.");
    return FL_OK;
}

static void start_shots(struct fl_net *net);

static void end_request(struct fl_request *request)
{
    struct fl_net *net = request->net;

    if (request->stage == FL_STAGE_SHOOTING) {
        fl_session_forget(net->session, request->shot);
        net->shots--;
    }
    fl_put_forget(request);
    fl_call_finish(&request->call);
    fl_answer_finish(&request->answer);
    lws_dll2_remove(&request->list);
    request->seat->request = NULL;
    free(request);
    start_shots(net);
}

// Until its answer begins a connection is not read: libwebsockets would be woken by a next request
// or by the hang-up again and again and do nothing about it. So we look ourselves. (Requests sent
// ahead that it has read already still keep the loop busy until then; no browser sends any.)
void fl_http_wait(struct fl_request *request)
{
    lws_rx_flow_control(request->wsi, 0);
    lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, PATIENCE_SHOT);
    lws_set_timer_usecs(request->wsi, LOOK);
}

static bool is_gone(struct lws *wsi)
{
    struct pollfd look = {.fd = lws_get_socket_fd(wsi), .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0 && look.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static int look(struct fl_request *request)
{
    if (is_gone(request->wsi))
        return -1;
    lws_set_timer_usecs(request->wsi, LOOK);
    return 0;
}

// request->answer is there: ask for the socket.
void fl_http_answer(struct fl_request *request)
{
    request->stage = FL_STAGE_ANSWERING;
    lws_rx_flow_control(request->wsi, 1);
    lws_set_timer_usecs(request->wsi, LOOK);
    lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, PATIENCE_WRITE);
    lws_callback_on_writable(request->wsi);
}

static void on_shot(void *user, const struct fl_frame *frame)
{
    struct fl_request *request = user;
    struct fl_net *net = request->net;

    net->shots--;
    fl_api_answer_frame(&net->api, &request->call, frame, &request->answer);
    fl_http_answer(request);
    start_shots(net);
}

static void start_shots(struct fl_net *net)
{
    struct lws_dll2 *at = net->leaving ? NULL : lws_dll2_get_head(&net->requests);

    for (; at && net->shots < FL_MOST_SHOTS; at = at->next) {
        struct fl_request *request = lws_container_of(at, struct fl_request, list);
        struct fl_error error;
        if (request->stage != FL_STAGE_WAITING)
            continue;
        request->shot =
            fl_session_shoot(net->session, &request->call.shot, on_shot, request, &error);
        if (request->shot) {
            request->stage = FL_STAGE_SHOOTING;
            net->shots++;
            continue;
        }
        fl_answer_error(&request->answer, &request->call.asker, &error);
        fl_http_answer(request);
    }
}

// True: the request waits for its shot. False: its answer is there.
static bool ask(struct fl_request *request)
{
    struct fl_call *call = &request->call;
    struct fl_net *net = request->net;
    struct lws *wsi = request->wsi;
    char query[FL_MOST_QUERY];
    struct fl_error error;

    enum fl_err err = fl_http_screen(net, wsi, &error);
    if (err == FL_ERR_FLOOD) {
        call->asker.last = true;
        fl_answer_busy(&request->answer, &call->asker, &error);
        return false;
    }
    if (!err)
        err = fl_http_route(net, wsi, &call->route, &error);
    if (!err)
        err = fl_http_query(wsi, query, &error);
    if (err) {
        call->asker.allow = call->route.allow;
        return fl_put_refuse(request, &error);
    }
    call->query = query;
    call->n_query = strlen(query);
    bool stores = call->route.method == FL_METHOD_PUT || call->route.method == FL_METHOD_DELETE;
    bool waits = stores ? fl_put_ask(request) : fl_api_ask(&net->api, call, &request->answer);
    call->query = NULL;
    return waits;
}

static int begin_request(struct fl_net *net, struct lws *wsi, struct fl_seat *seat)
{
    if (seat->request) // none is left of an earlier one
        return -1;
    struct fl_request *request = fl_new(struct fl_request);
    request->net = net;
    request->wsi = wsi;
    request->seat = seat;
    seat->request = request;
    lws_dll2_add_tail(&request->list, &net->requests);
    fl_http_asker(wsi, &request->call.asker);
    request->call.asker.framers = net->guard.framers;
    if (!ask(request)) {
        fl_http_answer(request);
        return 0;
    }
    if (request->stage == FL_STAGE_STORING)
        return 0;
    fl_http_wait(request);
    start_shots(net);
    return 0;
}

// The head, then the body in pieces: one write per writable socket.
static int write_piece(struct fl_request *request)
{
    struct fl_answer *answer = &request->answer;
    struct lws *wsi = request->wsi;
    struct fl_buf *buf = request->begun ? answer->rest : answer->first;
    size_t at = request->begun ? answer->rest_at : request->at;

    if (!answer->first) {
        log_warn("no memory for an answer");
        return -1;
    }
    size_t len = fl_buf_len(buf) - at;
    size_t room = fl_room_to_write(lws_get_socket_fd(wsi));
    if (len > PIECE)
        len = PIECE;
    if (len > room)
        len = room;
    if (len == 0) { // the socket has less room than it says: it will have more
        lws_callback_on_writable(wsi);
        return 0;
    }
    bool last = at + len == fl_buf_len(buf) && (request->begun || !answer->rest);
    if (lws_write(wsi, fl_buf_bytes(buf) + at, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        0)
        return -1;
    if (request->begun)
        answer->rest_at += len;
    else
        request->at += len;
    request->begun = request->begun || request->at == fl_buf_len(answer->first);
    if (!last) {
        lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, PATIENCE_WRITE);
        lws_callback_on_writable(wsi);
        return 0;
    }
    bool over = answer->last, many = request->net->n_sockets > FL_MANY_SOCKETS;
    end_request(request);
    if (over || lws_http_transaction_completed(wsi))
        return -1;
    if (many)
        lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE, PATIENCE_MANY);
    return 0;
}

void fl_http_forget_all(struct fl_net *net)
{
    net->leaving = true;
    for (struct lws_dll2 *at = lws_dll2_get_head(&net->requests); at; at = at->next) {
        struct fl_request *request = lws_container_of(at, struct fl_request, list);
        if (request->stage == FL_STAGE_SHOOTING) {
            fl_session_forget(net->session, request->shot);
            net->shots--;
            request->stage = FL_STAGE_WAITING;
        }
    }
}

int fl_http_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct fl_net *net = lws_context_user(lws_get_context(wsi));
    struct fl_seat *seat = user;

    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return begin_request(net, wsi, seat);
    case LWS_CALLBACK_HTTP_BODY:
        return seat && seat->request ? fl_put_body(seat->request, in, len) : 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return seat && seat->request ? fl_put_end(seat->request) : 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return seat && seat->request && seat->request->stage == FL_STAGE_ANSWERING
                   ? write_piece(seat->request)
                   : 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return fl_ws_confirm(net, wsi, in);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: // a WebSocket of no or another subprotocol
        return -1;
    case LWS_CALLBACK_TIMER:
        return seat && seat->request ? look(seat->request) : 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_WSI_DESTROY:
        if (seat && seat->request)
            end_request(seat->request);
        return 0;
    default:
        return 0;
    }
}
