#include "inner.h"
#include "percent.h"

#include <string.h>

// What the head of a request says.

enum { MOST_PATH = 3 * FL_PATH_NAMES * FL_MAX_NAME };

const char *fl_http_header(struct lws *wsi, enum lws_token_indexes name, char *out, size_t size)
{
    if (lws_hdr_total_length(wsi, name) <= 0)
        return NULL;
    if (lws_hdr_copy(wsi, out, (int)size, name) < 0)
        return "?";
    for (char *at = out; *at; at++) // they are quoted in answers and logs
        if (*at < ' ' || *at > '~')
            *at = '?';
    return out;
}

// libwebsockets has decoded the request line. Encoding it again keeps the router to one form.
enum fl_err fl_http_query(struct lws *wsi, char out[FL_MOST_QUERY], struct fl_error *error)
{
    char pair[FL_MOST_QUERY];
    bool fits = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) < FL_MOST_QUERY;

    out[0] = '\0';
    for (int i = 0; fits; i++) {
        int n = lws_hdr_copy_fragment(wsi, pair, sizeof pair, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n < 0)
            return FL_OK;
        fits = fl_percent_add(pair, (size_t)n, out, FL_MOST_QUERY);
    }
    return fl_fail(error, FL_ERR_TOO_BIG, "The query is longer than %d bytes.", FL_MOST_QUERY);
}

// What libwebsockets kept of the path is all of it: it cuts paths at a literal & or ; and stores
// zero bytes without counting them. A whole path ends right before what followed it.
static bool is_whole(struct lws *wsi, const char *uri, int len)
{
    char next[FL_MOST_QUERY];
    int n = lws_hdr_copy_fragment(wsi, next, sizeof next, WSI_TOKEN_HTTP_URI_ARGS, 0);
    int between = 2; // zero bytes before a query

    if (n < 0) { // none: the protocol's version
        n = lws_hdr_copy(wsi, next, sizeof next, WSI_TOKEN_HTTP);
        between = 1;
    }
    return n < 0 || memcmp(uri + len + between, next, (size_t)n) == 0;
}

enum fl_err fl_http_route(struct fl_net *net, struct lws *wsi, struct fl_route *out,
                          struct fl_error *error)
{
    enum fl_method method = FL_METHOD_OTHER;
    char path[MOST_PATH], *uri = NULL;
    struct fl_path parsed;
    int len = 0;

    out->allow = NULL;
    int which = lws_http_get_uri_and_method(wsi, &uri, &len);
    if (which == LWSHUMETH_GET)
        method = FL_METHOD_GET;
    if (which == LWSHUMETH_HEAD)
        method = FL_METHOD_HEAD;
    if (which == LWSHUMETH_PUT)
        method = FL_METHOD_PUT;
    if (which == LWSHUMETH_DELETE)
        method = FL_METHOD_DELETE;
    if (which < 0 || !uri || len < 0 ||
        !fl_percent_encode(uri, (size_t)len, "-._~/", path, sizeof path))
        return fl_fail(error, FL_ERR_RANGE, "This path is too long.");
    if (!is_whole(wsi, uri, len))
        return fl_fail(error, FL_ERR_RANGE,
                       "This path is not well formed; percent-encode every name, & and ; too.");
    enum fl_err err = fl_path_parse(path, strlen(path), &parsed, error);
    if (!err)
        err = fl_route_find(method, &parsed, &net->base, out, error);
    return err;
}

// A request's body is not read: what follows cannot be told from a next request. libwebsockets
// takes POST and its kind to have one even where no header says so.
static bool may_have_body(struct lws *wsi)
{
    char text[32];
    const char *length = fl_http_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text);
    bool plain = lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ||
                 lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;

    return !plain || (length && strcmp(length, "0") != 0) ||
           lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
}

void fl_http_asker(struct lws *wsi, struct fl_asker *asker)
{
    char *tag = asker->if_none_match;

    *asker = (struct fl_asker){0};
    asker->head_only = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    asker->last = may_have_body(wsi);
    if (!fl_http_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, tag, sizeof asker->if_none_match))
        tag[0] = '\0';
}
