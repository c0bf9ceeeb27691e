#define LOG_MODULE "put"
#include "inner.h"
#include "range.h"
#include "scenes.h"

#include "proto/buf.h"
#include "server/base/log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A request that changes what is stored. Its bytes go to the keeper in chunks; when the disk is slower than
// the network, the socket is not read for a while.

enum {
    CHUNK = 262144,          // bytes
    MOST_OUT = 4 << 20,      // bytes with the keeper at which reading stops
    LEAST_OUT = 1 << 20,     // and goes on
    MOST_DRAINED = 64 << 20, // bytes that are read and forgotten for the sake of an answer
    PATIENCE_BODY = 30,      // seconds without a byte
};

// --- what is asked ---

// Who may change what this server holds. The one place that decides it.
static enum fl_err may_store(struct fl_request *request, struct fl_error *error)
{
    char host_text[300], origin_text[300];
    struct lws *wsi = request->wsi;
    const struct fl_net *net = request->net;
    const char *host = fl_http_header(wsi, WSI_TOKEN_HOST, host_text, sizeof host_text);
    const char *origin = fl_http_header(wsi, WSI_TOKEN_ORIGIN, origin_text, sizeof origin_text);

    if (!fl_guard_allows_origin(&net->guard, origin, host ? host : ""))
        return fl_fail(error, FL_ERR_FORBIDDEN,
                       "Pages of \"%.200s\" may not change what this server shows; start it with "
                       "--origin and that address if they should.",
                       origin);
    if (!net->api.keeper || !fl_keeper_takes_uploads(net->api.keeper))
        return fl_fail(error, FL_ERR_FORBIDDEN,
                       "This server takes no uploads; start it with --upload-dir and a directory "
                       "for them.");
    return FL_OK;
}

static enum fl_err read_extent(const char *text, struct fl_named *out, struct fl_error *error)
{
    int used = 0;
    double *e = out->extent;

    // NOLINTNEXTLINE(cert-err34-c): what does not fit a double is infinite, and refused below
    int n = sscanf(text, "%lf,%lf,%lf,%lf%n", &e[0], &e[1], &e[2], &e[3], &used);
    out->has_extent = n == 4 && (size_t)used == strlen(text) && e[0] < e[2] && e[1] < e[3] &&
                      e[0] > -1e9 && e[1] > -1e9 && e[2] < 1e9 && e[3] < 1e9;
    if (out->has_extent)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE,
                   "`extent` is x0,y0,x1,y1 in picture pixels with x0 < x1 and y0 < y1.");
}

static enum fl_err read_query(const struct fl_call *call, struct fl_put *put,
                              struct fl_error *error)
{
    static const char *const hints[] = {"layout", "grid", "skip"};
    char text[4096] = "";

    if (fl_query_get(call->query, call->n_query, "id", text, sizeof text) &&
        strlen(text) >= sizeof put->id)
        return fl_fail(error, FL_ERR_RANGE, "`id` has at most %d bytes.", FL_UPLOAD_ID - 1);
    snprintf(put->id, sizeof put->id, "%.*s", FL_UPLOAD_ID - 1, text);
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (fl_query_get(call->query, call->n_query, hints[i], text, sizeof text) &&
            fl_spec_set(&put->named.spec, "The upload", hints[i], text, error))
            return error->code;
    if (fl_spec_check(&put->named.spec, "The upload", error))
        return error->code;
    if (fl_query_get(call->query, call->n_query, "extent", text, sizeof text))
        return read_extent(text, &put->named, error);
    return FL_OK;
}

static void name_it(const struct fl_route *route, struct fl_put *put)
{
    *put = (struct fl_put){.named = {.thing = route->kind == FL_ROUTE_MAP       ? FL_THING_MAP
                                              : route->kind == FL_ROUTE_PICTURE ? FL_THING_PICTURE
                                                                                : FL_THING_SCENE}};
    snprintf(put->scene, sizeof put->scene, "%s", route->scene);
    snprintf(put->layer, sizeof put->layer, "%s", route->layer);
    put->named.scene = put->scene;
    put->named.layer = put->layer;
}

static enum fl_err read_put(struct fl_request *request, struct fl_put *put, struct fl_error *error)
{
    char length[32], range[128];
    struct lws *wsi = request->wsi;
    uint64_t len = 0;
    const char *text = fl_http_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length);

    if (!text || !fl_range_number(text, &len) ||
        lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return fl_fail(error, FL_ERR_RANGE,
                       "An upload says how long it is; send Content-Length, not chunks.");
    request->put.left = len;
    request->put.continues = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_EXPECT) > 0;
    name_it(&request->call.route, put);
    enum fl_err err = read_query(&request->call, put, error);
    if (err)
        return err;
    text = fl_http_header(wsi, WSI_TOKEN_HTTP_CONTENT_RANGE, range, sizeof range);
    return fl_range_parse(text, len, &put->piece, error);
}

// --- its answer ---

// The answer is made. It is written when the body was read: a client that still sends would not see
// it. A long body, and one that waits for our word, is not waited for; the connection ends.
static bool settle(struct fl_request *request)
{
    struct fl_put_state *put = &request->put;
    bool waits = put->left > 0 && put->left <= MOST_DRAINED && !put->continues;

    fl_buf_unref(put->chunk);
    put->chunk = NULL;
    put->id = 0;
    if (!waits)
        return false;
    put->draining = true;
    put->paused = false;
    request->stage = FL_STAGE_STORING;
    lws_rx_flow_control(request->wsi, 1);
    lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, PATIENCE_BODY);
    return true;
}

static bool will_be_last(const struct fl_put_state *put)
{
    return put->left > MOST_DRAINED || (put->left > 0 && put->continues);
}

static bool refuse(struct fl_request *request, const struct fl_error *error)
{
    struct fl_asker *asker = &request->call.asker;

    asker->last = asker->last || will_be_last(&request->put);
    if (error->code == FL_ERR_FLOOD)
        fl_answer_busy(&request->answer, asker, error);
    else
        fl_answer_error(&request->answer, asker, error);
    return settle(request);
}

bool fl_put_refuse(struct fl_request *request, const struct fl_error *error)
{
    char length[32];
    struct lws *wsi = request->wsi;
    const char *text = fl_http_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length);

    if (text && !fl_range_number(text, &request->put.left))
        request->put.left = 0;
    request->put.continues = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_EXPECT) > 0;
    return refuse(request, error);
}

bool fl_put_ask(struct fl_request *request)
{
    struct fl_net *net = request->net;
    const struct fl_route *route = &request->call.route;
    bool deletes = route->method == FL_METHOD_DELETE;
    struct fl_error error = {0};
    struct fl_put put;

    name_it(route, &put);
    enum fl_err err = deletes ? FL_OK : read_put(request, &put, &error);
    request->call.asker.last = err || deletes; // a body that is not read to its end
    if (!err)
        err = may_store(request, &error);
    if (err)
        return refuse(request, &error);
    request->stage = FL_STAGE_STORING;
    request->put.id = ++net->last_put;
    request->put.paused = true;
    fl_http_wait(request);
    if (deletes)
        fl_keeper_delete(net->api.keeper, request->put.id, &put);
    else
        fl_keeper_put(net->api.keeper, request->put.id, &put);
    return true;
}

// --- its bytes ---

static void hand_over(struct fl_request *request)
{
    struct fl_put_state *put = &request->put;

    if (!put->chunk)
        return;
    put->out += fl_buf_len(put->chunk);
    fl_keeper_write(request->net->api.keeper, put->id, put->chunk);
    put->chunk = NULL;
}

int fl_put_body(struct fl_request *request, const void *bytes, size_t len)
{
    struct fl_put_state *put = &request->put;
    const char *at = bytes;

    if (request->stage != FL_STAGE_STORING)
        return 0; // of a request that is answered already
    put->left -= len < put->left ? len : put->left;
    while (len > 0 && put->id && !put->draining) {
        if (!put->chunk)
            put->chunk = fl_buf_create(CHUNK);
        if (!put->chunk)
            return -1;
        size_t had = fl_buf_len(put->chunk), n = len < CHUNK - had ? len : CHUNK - had;
        memcpy((char *)fl_buf_bytes(put->chunk) + had, at, n);
        fl_buf_set_len(put->chunk, had + n);
        at += n;
        len -= n;
        if (had + n == CHUNK)
            hand_over(request);
    }
    if (put->out > MOST_OUT && !put->paused) {
        put->paused = true;
        fl_http_wait(request);
    }
    if (!put->paused)
        lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, PATIENCE_BODY);
    return 0;
}

int fl_put_end(struct fl_request *request)
{
    struct fl_put_state *put = &request->put;

    if (request->stage != FL_STAGE_STORING)
        return 0;
    put->left = 0;
    if (put->draining) {
        fl_http_answer(request);
        return 0;
    }
    hand_over(request);
    fl_keeper_end(request->net->api.keeper, put->id);
    put->paused = true;
    fl_http_wait(request);
    return 0;
}

void fl_put_forget(struct fl_request *request)
{
    struct fl_put_state *put = &request->put;

    if (put->id && request->net->api.keeper)
        fl_keeper_break(request->net->api.keeper, put->id);
    fl_buf_unref(put->chunk);
    *put = (struct fl_put_state){0};
}

// --- what the keeper says ---

static void read_on(struct fl_request *request)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    unsigned char line[LWS_PRE + sizeof go_on];
    struct fl_put_state *put = &request->put;

    if (put->continues && put->left > 0) {
        memcpy(line + LWS_PRE, go_on, sizeof go_on - 1);
        lws_write(request->wsi, line + LWS_PRE, sizeof go_on - 1, LWS_WRITE_HTTP_HEADERS);
    }
    put->continues = false;
    if (!put->paused || put->left == 0)
        return;
    put->paused = false;
    lws_rx_flow_control(request->wsi, 1);
    lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, PATIENCE_BODY);
}

static char *received_json(uint64_t received, const char *message)
{
    json_t *root = json_pack("{s:I}", "received", (json_int_t)received);

    if (message) {
        json_object_set_new(root, "code", json_integer(FL_ERR_RANGE));
        json_object_set_new(root, "message", json_string(message));
    }
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

static char *deleted_json(const struct fl_route *route)
{
    bool map = route->kind == FL_ROUTE_MAP;
    json_t *root = json_pack("{s:s,s:o}", "scene", route->scene, "map",
                             map ? json_string(route->layer) : json_null());
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

// Status and body of what the keeper said in the end.
static unsigned answer_of(const struct fl_request *request, const struct fl_told *told, char **text)
{
    char sentence[160];

    switch (told->kind) {
    case FL_TOLD_PIECE:
        *text = received_json(told->bytes, NULL);
        return 202;
    case FL_TOLD_DUE:
        snprintf(sentence, sizeof sentence,
                 "This piece is not the one that is due; send the file from byte %llu on.",
                 (unsigned long long)told->bytes);
        *text = received_json(told->bytes, sentence);
        return 416;
    case FL_TOLD_STORED:
        *text = fl_scenes_stored_json(told->scene, told->maps, told->n_maps);
        return told->created ? 201 : 200;
    case FL_TOLD_DELETED:
        *text = deleted_json(&request->call.route);
        return 200;
    case FL_TOLD_GO:
    case FL_TOLD_WRITTEN:
    case FL_TOLD_FAILED:
        break;
    }
    *text = NULL;
    return 500;
}

static void finish(struct fl_request *request, const struct fl_told *told)
{
    struct fl_asker *asker = &request->call.asker;
    char *text = NULL;
    bool waits = false;

    request->put.id = 0; // the keeper has forgotten it
    if (told->kind == FL_TOLD_FAILED) {
        waits = refuse(request, &told->error);
    } else {
        asker->last = asker->last || will_be_last(&request->put);
        unsigned status = answer_of(request, told, &text);
        fl_answer_json(&request->answer, asker, status, text);
        waits = settle(request);
    }
    free(text);
    if (!waits)
        fl_http_answer(request);
}

static struct fl_request *find(struct fl_net *net, uint64_t id)
{
    for (struct lws_dll2 *at = lws_dll2_get_head(&net->requests); at; at = at->next) {
        struct fl_request *request = lws_container_of(at, struct fl_request, list);
        if (request->put.id == id)
            return request;
    }
    return NULL;
}

void fl_net_told(struct fl_net *net, struct fl_told *told)
{
    struct fl_request *request = net->leaving ? NULL : find(net, told->request);

    if (request && told->kind == FL_TOLD_WRITTEN) {
        request->put.out -= (size_t)told->bytes;
        if (request->put.out <= LEAST_OUT)
            read_on(request);
    } else if (request && told->kind == FL_TOLD_GO) {
        read_on(request);
    } else if (request) {
        finish(request, told);
    }
    fl_told_destroy(told);
}
