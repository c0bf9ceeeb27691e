#include "address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static bool read_port(const char *text, size_t len, int32_t *out)
{
    int32_t port = 0;

    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (text[i] - '0');
    }
    *out = port;
    return port <= 65535;
}

static bool is_host_char(char c, bool bracketed)
{
    if (isalnum((unsigned char)c) || c == '.')
        return true;
    return bracketed ? c == ':' : c == '-' || c == '_';
}

static char lower(char c)
{
    return (char)tolower((unsigned char)c);
}

bool fl_authority_parse(const char *text, size_t len, struct fl_authority *out)
{
    bool bracketed = len > 0 && text[0] == '[';
    size_t at = bracketed ? 1 : 0, n = 0;

    *out = (struct fl_authority){.port = -1};
    while (at < len && is_host_char(text[at], bracketed)) {
        if (n == sizeof out->host - 1)
            return false;
        out->host[n++] = lower(text[at++]);
    }
    if (n == 0 || (bracketed && (at == len || text[at++] != ']')))
        return false;
    if (at == len)
        return true;
    return text[at] == ':' && read_port(text + at + 1, len - at - 1, &out->port);
}

bool fl_authority_is_loopback(const struct fl_authority *authority)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcmp(authority->host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, authority->host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, authority->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static enum fl_err parse_unix(const char *path, struct fl_address *out, struct fl_error *error)
{
    static_assert(sizeof out->host == sizeof((struct sockaddr_un *)0)->sun_path,
                  "a path that fits here fits there");
    if (path[0] == '\0' || path[0] == '@' || strlen(path) >= sizeof out->host)
        return fl_fail(error, FL_ERR_RANGE,
                       "\"unix:%s\" is not a socket path; give unix:PATH with a path of 1 to %zu "
                       "bytes.",
                       path, sizeof out->host - 1);
    out->is_unix = true;
    memcpy(out->host, path, strlen(path) + 1);
    return FL_OK;
}

enum fl_err fl_address_parse(const char *text, struct fl_address *out, struct fl_error *error)
{
    struct fl_authority authority;
    struct in_addr any;

    *out = (struct fl_address){0};
    if (strncmp(text, "unix:", 5) == 0)
        return parse_unix(text + 5, out, error);
    if (!fl_authority_parse(text, strlen(text), &authority) || authority.port < 0)
        return fl_fail(error, FL_ERR_RANGE,
                       "\"%s\" is not an address; give HOST:PORT such as 127.0.0.1:8765, or "
                       "unix:PATH.",
                       text);
    if (!fl_authority_is_loopback(&authority))
        return fl_fail(error, FL_ERR_FORBIDDEN,
                       "Listening on \"%s\" would let others in, and this version has no access "
                       "tokens yet: until tokens exist it listens on 127.0.0.1, ::1, localhost or "
                       "unix:PATH only; use one of these, with ssh -L from another machine.",
                       authority.host);
    bool named = inet_pton(AF_INET, authority.host, &any) != 1 && !strchr(authority.host, ':');
    snprintf(out->host, sizeof out->host, "%.100s", named ? "127.0.0.1" : authority.host);
    out->port = (uint16_t)authority.port;
    return FL_OK;
}

bool fl_url_parse(const char *text, struct fl_url *out)
{
    *out = (struct fl_url){0};
    out->https = strncmp(text, "https://", 8) == 0;
    if (!out->https && strncmp(text, "http://", 7) != 0)
        return false;
    text += out->https ? 8 : 7;
    size_t host = strcspn(text, "/?#");
    size_t path = strcspn(text + host, "?#");
    if (!fl_authority_parse(text, host, &out->authority) || text[host + path] != '\0' ||
        path >= sizeof out->path)
        return false;
    if (out->authority.port == (out->https ? 443 : 80))
        out->authority.port = -1;
    memcpy(out->path, text + host, path);
    return true;
}
