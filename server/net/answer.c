#include "answer.h"

#include "proto/buf.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_HEAD = 8192 };

void fl_answer_finish(struct fl_answer *answer)
{
    fl_buf_unref(answer->first);
    fl_buf_unref(answer->rest);
    *answer = (struct fl_answer){0};
}

// Of HTTP.
static unsigned status_of(enum fl_err code)
{
    switch (code) {
    case FL_OK:
        return 200;
    case FL_ERR_MALFORMED:
    case FL_ERR_UNKNOWN_TYPE:
    case FL_ERR_RANGE:
    case FL_ERR_ORDER:
    case FL_ERR_VERSION:
        return 400;
    case FL_ERR_FORBIDDEN:
        return 403;
    case FL_ERR_NOT_FOUND:
        return 404;
    case FL_ERR_METHOD:
        return 405;
    case FL_ERR_TIMEOUT:
        return 408;
    case FL_ERR_GONE:
        return 410;
    case FL_ERR_TOO_BIG:
        return 413;
    case FL_ERR_FORMAT:
    case FL_ERR_TIE:
        return 422;
    case FL_ERR_FLOOD:
        return 429;
    case FL_ERR_IO:
        return 500;
    case FL_ERR_UNSUPPORTED:
        return 501;
    case FL_ERR_GPU:
        return 503;
    }
    return 500;
}

static const char *status_line(unsigned status)
{
    static const struct {
        unsigned status;
        const char *line;
    } table[] = {
        {200, "200 OK"},
        {201, "201 Created"},
        {202, "202 Accepted"},
        {304, "304 Not Modified"},
        {308, "308 Permanent Redirect"},
        {400, "400 Bad Request"},
        {403, "403 Forbidden"},
        {404, "404 Not Found"},
        {405, "405 Method Not Allowed"},
        {408, "408 Request Timeout"},
        {410, "410 Gone"},
        {411, "411 Length Required"},
        {413, "413 Content Too Large"},
        {416, "416 Range Not Satisfiable"},
        {422, "422 Unprocessable Content"},
        {429, "429 Too Many Requests"},
        {501, "501 Not Implemented"},
        {503, "503 Service Unavailable"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].status == status)
            return table[i].line;
    return "500 Internal Server Error";
}

struct head {
    char text[MOST_HEAD];
    size_t len;
};

static void add(struct head *head, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct head *head, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(head->text + head->len, sizeof head->text - head->len, fmt, args);
    va_end(args);
    // Every line has a known bound and all of them fit; this only keeps a mistake harmless.
    if (n > 0 && (size_t)n < sizeof head->text - head->len)
        head->len += (size_t)n;
}

// Nothing foreign runs in the page, only who may connect frames it, nothing leaks to other sites.
static void begin(struct head *head, unsigned status, const struct fl_asker *asker)
{
    head->len = 0;
    add(head, "HTTP/1.1 %s\r\n", status_line(status));
    add(head, "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
              "connect-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:; "
              "base-uri 'none'; form-action 'none'; frame-ancestors ");
    add(head, "%s\r\n", asker->framers ? asker->framers : "'self'");
    add(head, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
              "Cross-Origin-Resource-Policy: same-origin\r\n");
    if (asker->last)
        add(head, "Connection: close\r\n");
}

static size_t rest_len(const struct fl_body *body)
{
    return body->rest ? fl_buf_len(body->rest) - body->skip : 0;
}

// Head and body to one answer. A HEAD's answer tells the length and leaves the bytes out.
static void end(struct fl_answer *out, const struct fl_asker *asker, struct head *head,
                const struct fl_body *body)
{
    *out = (struct fl_answer){.last = asker->last};
    add(head, "Content-Length: %zu\r\n\r\n", body->n_front + rest_len(body));
    size_t n_front = asker->head_only ? 0 : body->n_front;
    out->first = fl_buf_create(head->len + n_front);
    if (!out->first)
        return;
    memcpy(fl_buf_bytes(out->first), head->text, head->len);
    if (n_front > 0)
        memcpy(fl_buf_bytes(out->first) + head->len, body->front, n_front);
    fl_buf_set_len(out->first, head->len + n_front);
    if (!asker->head_only && body->rest) {
        out->rest = fl_buf_ref(body->rest);
        out->rest_at = body->skip;
    }
}

// FNV-1a over words of eight bytes, then over the bytes that are left: a name for the bytes, not
// a proof against forgery.
static uint64_t hash(uint64_t h, const uint8_t *bytes, size_t len)
{
    for (; len >= 8; bytes += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * 0x100000001b3u;
        h ^= h >> 32;
    }
    for (; len > 0; len--)
        h = (h ^ *bytes++) * 0x100000001b3u;
    return h ^ h >> 29;
}

static void make_tag(const struct fl_body *body, char out[32])
{
    uint64_t h = 0xcbf29ce484222325u;

    if (body->n_front > 0)
        h = hash(h, body->front, body->n_front);
    if (body->rest)
        h = hash(h, fl_buf_bytes(body->rest) + body->skip, rest_len(body));
    snprintf(out, 32, "\"%016" PRIx64 "\"", h);
}

void fl_answer_body(struct fl_answer *out, const struct fl_asker *asker, const struct fl_body *body)
{
    struct head head;
    char tag[32] = "";

    if (body->tagged)
        make_tag(body, tag);
    bool known = body->tagged && strstr(asker->if_none_match, tag);
    begin(&head, known ? 304 : 200, asker);
    if (body->tagged)
        add(&head, "ETag: %s\r\n", tag);
    add(&head, "Cache-Control: %s\r\n", body->cache ? body->cache : "no-cache");
    if (known) { // a 304 has no body, and no length that could be taken for one
        *out = (struct fl_answer){.last = asker->last};
        add(&head, "\r\n");
        out->first = fl_buf_create(head.len);
        if (out->first) {
            memcpy(fl_buf_bytes(out->first), head.text, head.len);
            fl_buf_set_len(out->first, head.len);
        }
        return;
    }
    add(&head, "Content-Type: %s\r\n", body->type);
    if (body->save)
        add(&head, "Content-Disposition: %s\r\n", body->save);
    end(out, asker, &head, body);
}

static void end_with_json(struct fl_answer *out, const struct fl_asker *asker, struct head *head,
                          const struct fl_error *error)
{
    int code = (int)error->code;
    json_t *root = json_pack("{s:i,s:s}", "code", code, "message", error->text);
    if (!root) // the sentence quotes bytes that are no UTF-8
        root = json_pack("{s:i,s:s}", "code", code, "message", fl_err_str(error->code));
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    struct fl_body body = {.front = text ? text : "{}", .n_front = text ? strlen(text) : 2};

    add(head, "Content-Type: application/json\r\nCache-Control: no-store\r\n");
    end(out, asker, head, &body);
    free(text);
    json_decref(root);
}

void fl_answer_error(struct fl_answer *out, const struct fl_asker *asker,
                     const struct fl_error *error)
{
    struct head head;

    begin(&head, status_of(error->code), asker);
    if (error->code == FL_ERR_METHOD)
        add(&head, "Allow: %s\r\n", asker->allow ? asker->allow : "GET, HEAD");
    end_with_json(out, asker, &head, error);
}

void fl_answer_busy(struct fl_answer *out, const struct fl_asker *asker,
                    const struct fl_error *error)
{
    struct head head;

    begin(&head, 503, asker);
    add(&head, "Retry-After: 5\r\n");
    end_with_json(out, asker, &head, error);
}

void fl_answer_json(struct fl_answer *out, const struct fl_asker *asker, unsigned status,
                    const char *text)
{
    struct fl_body body = {.front = text, .n_front = text ? strlen(text) : 0};
    struct head head;

    *out = (struct fl_answer){0};
    if (!text)
        return;
    begin(&head, status, asker);
    add(&head, "Content-Type: application/json\r\nCache-Control: no-store\r\n");
    end(out, asker, &head, &body);
}

void fl_answer_redirect(struct fl_answer *out, const struct fl_asker *asker, const char *to)
{
    struct fl_body nothing = {0};
    struct head head;

    begin(&head, 308, asker);
    add(&head, "Location: %s\r\n", to);
    end(out, asker, &head, &nothing);
}
