#include "envi_text.h"

#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

void fl_envi_text_finish(struct fl_envi_text *text)
{
    free(text->entries);
    free(text->copy);
    *text = (struct fl_envi_text){0};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Without the space around it; ends it in place.
static char *trim(char *from, char *end)
{
    while (from < end && is_space(*from))
        from++;
    while (end > from && is_space(end[-1]))
        end--;
    *end = '\0';
    return from;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

// "Data  Type" to "data type", in place.
static void fold(char *key)
{
    char *out = key;

    for (const char *at = key; *at; at++) {
        bool space = is_space(*at);
        if (space && out > key && out[-1] == ' ')
            continue;
        *out++ = space ? ' ' : small(*at);
    }
    *out = '\0';
}

enum { MAX_ENTRIES = 1024 };

static enum fl_err add_entry(const char *what, struct fl_envi_text *text, size_t *room,
                             struct fl_envi_entry entry, struct fl_error *error)
{
    fold(entry.key);
    if (fl_envi_text_find(text, entry.key))
        return fl_fail(error, FL_ERR_FORMAT, "%s says \"%.60s\" twice; take the wrong line out.",
                       what, entry.key);
    if (text->n == MAX_ENTRIES)
        return fl_fail(error, FL_ERR_FORMAT, "%s has more than %d keys; shorten it.", what,
                       MAX_ENTRIES);
    text->entries = fl_grow(text->entries, text->n, room, sizeof *text->entries);
    text->entries[text->n++] = entry;
    return FL_OK;
}

// One "key = value" that begins at `line`; returns where the next line begins, NULL where it failed.
static char *take_entry(const char *what, struct fl_envi_text *text, size_t *room, char *line,
                        struct fl_error *error)
{
    char *end = line + strcspn(line, "\n"), *next = *end ? end + 1 : end;
    char *equals = memchr(line, '=', (size_t)(end - line));

    if (!equals || line[strspn(line, " \t\r")] == ';')
        return next;
    char *value = equals + 1 + strspn(equals + 1, " \t\r");
    struct fl_envi_entry entry = {.braces = *value == '{'};
    if (entry.braces) {
        end = strchr(value, '}');
        if (!end) {
            fl_fail(error, FL_ERR_FORMAT, "%s does not close a brace, {; copy it again.", what);
            return NULL;
        }
        value++;
        next = end + 1 + strcspn(end + 1, "\n");
        next += *next != '\0';
    }
    entry.value = trim(value, end);
    entry.key = trim(line, equals);
    return add_entry(what, text, room, entry, error) ? NULL : next;
}

enum fl_err fl_envi_text_split(const char *what, const void *bytes, size_t len,
                               struct fl_envi_text *out, struct fl_error *error)
{
    struct fl_error fault = {0};
    size_t room = 0;

    *out = (struct fl_envi_text){0};
    if (len < 4 || memcmp(bytes, "ENVI", 4) != 0 || memchr(bytes, '\0', len))
        return fl_fail(error, FL_ERR_FORMAT,
                       "%s is no ENVI header, whose text begins with ENVI; give the .hdr of an "
                       "ENVI cube.",
                       what);
    out->copy = fl_calloc(len + 1, 1);
    memcpy(out->copy, bytes, len);
    char *line = out->copy + strcspn(out->copy, "\n");
    while (line && *line)
        line = take_entry(what, out, &room, line, &fault);
    if (!fault.code)
        return FL_OK;
    if (error)
        *error = fault;
    fl_envi_text_finish(out);
    return fault.code;
}

const struct fl_envi_entry *fl_envi_text_find(const struct fl_envi_text *text, const char *key)
{
    for (size_t i = 0; i < text->n; i++)
        if (strcmp(text->entries[i].key, key) == 0)
            return &text->entries[i];
    return NULL;
}
