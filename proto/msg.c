#include "msg.h"

#include "field.h"
#include "utf8.h"

#include <stddef.h>
#include <string.h>

// One line per field: adding a field to a message is adding a line here (or to fl_set_fields) and
// in README.md.
#define FIELD(kind_, message, name)                                                                \
    .key = #name, .kind = FL_FIELD_##kind_, .offset = offsetof(struct fl_msg, message.name)
#define VIEW(message)              FIELD(U32, message, view), .max = FL_MAX_VIEWS - 1
#define U32(message, name)         FIELD(U32, message, name), .max = UINT32_MAX
#define TEXT(message, name, size_) FIELD(TEXT, message, name), .max = (size_)

enum { MAX_FIELDS = 5 };

static const struct schema {
    const char *name;
    struct fl_field fields[MAX_FIELDS + 1]; // ends with an empty key
} schemas[FL_MSG_TYPES] = {
    [FL_MSG_HELLO] = {"hello",
                      {{U32(hello, v)},
                       {TEXT(hello, token, FL_MAX_TEXT), .optional = true},
                       {TEXT(hello, session, FL_MAX_TEXT), .optional = true},
                       {TEXT(hello, name, FL_MAX_TEXT), .optional = true},
                       {TEXT(hello, resume, FL_MAX_TEXT), .optional = true}}},
    [FL_MSG_OPEN] = {"open", {{VIEW(open)}, {TEXT(open, map, FL_MAX_NAME)}}},
    [FL_MSG_SET] = {"set", {{VIEW(set)}, {U32(set, seq)}}},
    [FL_MSG_PROBE] = {"probe",
                      {{VIEW(probe)},
                       {U32(probe, seq)},
                       {FIELD(POINT, probe, at)},
                       {FIELD(POINT, probe, from), .has = offsetof(struct fl_msg, probe.has_from),
                        .optional = true}}},
    [FL_MSG_ACK] = {"ack", {{U32(ack, frame)}, {U32(ack, us)}}},
    [FL_MSG_CLOSE] = {"close", {{VIEW(close)}}},
    [FL_MSG_PAUSE] = {"pause", {{0}}},
    [FL_MSG_RESUME] = {"resume", {{0}}},
    [FL_MSG_LEAD] = {"lead", {{0}}},
    [FL_MSG_FOLLOW] = {"follow", {{FIELD(FLAG, follow, on)}}},
    [FL_MSG_RELEASE] = {"release", {{0}}},
};

// What README.md promises of an answer to a message out of range: the view and seq it names.
_Static_assert(offsetof(struct fl_msg, open.view) == offsetof(struct fl_msg, close.view) &&
                   offsetof(struct fl_msg, set.view) == offsetof(struct fl_msg, close.view) &&
                   offsetof(struct fl_msg, probe.view) == offsetof(struct fl_msg, close.view) &&
                   offsetof(struct fl_msg, set.seq) == offsetof(struct fl_msg, probe.seq),
               "view and seq lie in the same place in every message that has them");

struct decoder {
    struct fl_reader r;
    const struct schema *schema;
    struct fl_msg msg;
    unsigned seen;     // bits of schema->fields
    bool out_of_range; // a value was: the first one's sentence is in range
    struct fl_error range;
};

static enum fl_err broken(struct fl_error *error)
{
    return fl_fail(error, FL_ERR_MALFORMED,
                   "A message must be one whole MessagePack map with text keys and nothing after "
                   "it; this one is not.");
}

// The first pair of every message is "t": its type. NULL: not known, or broken bytes.
static const struct schema *read_type(struct fl_reader *r, struct fl_span *name)
{
    *name = (struct fl_span){0};
    if (!fl_span_is(fl_read_str(r), "t"))
        r->failed = true;
    *name = fl_read_str(r);
    for (size_t i = 0; i < FL_MSG_TYPES; i++)
        if (fl_span_is(*name, schemas[i].name))
            return &schemas[i];
    return NULL;
}

static enum fl_err unknown_type(struct fl_reader *r, uint32_t pairs, struct fl_span name,
                                struct fl_error *error)
{
    for (uint32_t i = 1; i < pairs && fl_reader_ok(r); i++) {
        (void)fl_read_str(r);
        fl_read_skip(r);
    }
    if (!fl_reader_done(r))
        return broken(error);
    bool shown = name.len <= 32 && fl_utf8_is_text(name.bytes, name.len);
    return fl_fail(error, FL_ERR_UNKNOWN_TYPE,
                   "This server knows no messages of type '%.*s': send those of %s.",
                   shown ? (int)name.len : 3, shown ? (const char *)name.bytes : "...",
                   FL_PROTOCOL);
}

static enum fl_err read_value(struct decoder *d, const struct fl_field *field, void *base,
                              struct fl_error *error)
{
    struct fl_value value;
    bool ok = fl_value_read(&d->r, fl_field_form(field), &value);

    if (!fl_reader_ok(&d->r))
        return broken(error);
    if (!ok || (value.null && !fl_field_takes_null(field)))
        return fl_field_refuse(field, FL_ERR_MALFORMED, error);
    if (fl_field_put(field, &value, base))
        return FL_OK;
    if (!d->out_of_range)
        (void)fl_field_refuse(field, FL_ERR_RANGE, &d->range);
    d->out_of_range = true;
    return FL_ERR_RANGE;
}

// One pair. A value out of range is remembered in d: the bytes after it are still looked at.
static enum fl_err read_pair(struct decoder *d, struct fl_error *error)
{
    struct fl_span key = fl_read_str(&d->r);
    const struct fl_field *field = fl_field_find(d->schema->fields, key);
    enum fl_err err = FL_OK;

    if (field) {
        err = read_value(d, field, &d->msg, error);
        unsigned bit = 1u << (field - d->schema->fields);
        d->seen |= bit;
        if (!err && strcmp(field->key, "view") == 0)
            d->msg.has_view = true;
        if (!err && strcmp(field->key, "seq") == 0)
            d->msg.has_seq = true;
        return err == FL_ERR_RANGE ? FL_OK : err;
    }
    if (d->msg.type == FL_MSG_SET)
        field = fl_field_find(fl_set_fields, key);
    if (field) {
        err = read_value(d, field, &d->msg.set.set, error);
        return err == FL_ERR_RANGE ? FL_OK : err;
    }
    fl_read_skip(&d->r); // a newer client may say more than we know
    return fl_reader_ok(&d->r) ? FL_OK : broken(error);
}

static enum fl_err check_missing(const struct decoder *d, struct fl_error *error)
{
    for (const struct fl_field *field = d->schema->fields; field->key; field++) {
        char range[320];
        if (field->optional || d->seen & 1u << (field - d->schema->fields))
            continue;
        fl_field_range(field, range, sizeof range);
        return fl_fail(error, FL_ERR_MALFORMED, "A '%s' message needs the key '%s': %s.",
                       d->schema->name, field->key, range);
    }
    return FL_OK;
}

// Only what an answer needs: type, view and seq.
static struct fl_msg remains(const struct fl_msg *msg)
{
    struct fl_msg out = {.type = msg->type, .has_view = msg->has_view, .has_seq = msg->has_seq};
    if (msg->has_seq)
        out.probe.seq = msg->probe.seq;
    if (msg->has_view)
        out.close.view = msg->close.view;
    return out;
}

enum fl_err fl_msg_decode(const void *bytes, size_t len, struct fl_msg *out, struct fl_error *error)
{
    struct decoder d;
    struct fl_span name;
    enum fl_err err = FL_OK;

    memset(out, 0, sizeof *out);
    memset(&d, 0, sizeof d);
    d.r = fl_reader_of(bytes, len);
    uint32_t pairs = fl_read_map(&d.r);
    d.schema = read_type(&d.r, &name);
    if (!fl_reader_ok(&d.r) || pairs == 0)
        return fl_fail(error, FL_ERR_MALFORMED,
                       "A message must be one MessagePack map whose first key is 't', its type.");
    if (!d.schema)
        return unknown_type(&d.r, pairs, name, error);
    d.msg.type = (enum fl_msg_type)(d.schema - schemas);

    for (uint32_t i = 1; i < pairs && !err; i++)
        err = read_pair(&d, error);
    if (!err && !fl_reader_done(&d.r))
        err = broken(error);
    if (!err)
        err = check_missing(&d, error);
    if (err)
        return err;
    if (d.out_of_range) {
        *out = remains(&d.msg);
        return fl_fail(error, FL_ERR_RANGE, "%s", d.range.text);
    }
    memcpy(out, &d.msg, sizeof *out); // padding too: the same message is the same bytes
    return FL_OK;
}

// ---- The way back

struct writer {
    char *bytes;
    size_t size, used;
};

static int write_bytes(void *data, const char *bytes, size_t len)
{
    struct writer *w = data;
    if (w->size - w->used < len)
        return -1;
    if (len > 0)
        memcpy(w->bytes + w->used, bytes, len);
    w->used += len;
    return 0;
}

static size_t count_said(const struct fl_field *fields, const void *base)
{
    size_t n = 0;
    for (const struct fl_field *field = fields; field->key; field++)
        n += fl_field_is_said(field, base);
    return n;
}

static int pack_said(const struct fl_field *fields, const void *base, msgpack_packer *pk)
{
    for (const struct fl_field *field = fields; field->key; field++)
        if (fl_field_is_said(field, base) && fl_field_pack(field, base, pk))
            return -1;
    return 0;
}

size_t fl_msg_encode(const struct fl_msg *msg, void *bytes, size_t size)
{
    struct writer w = {.bytes = bytes, .size = size};
    msgpack_packer pk;

    if ((unsigned)msg->type >= FL_MSG_TYPES)
        return 0;
    const struct schema *schema = &schemas[msg->type];
    size_t pairs = 1 + count_said(schema->fields, msg);
    if (msg->type == FL_MSG_SET)
        pairs += count_said(fl_set_fields, &msg->set.set);

    msgpack_packer_init(&pk, &w, write_bytes);
    if (msgpack_pack_map(&pk, pairs) || fl_pack_text(&pk, "t") || fl_pack_text(&pk, schema->name) ||
        pack_said(schema->fields, msg, &pk))
        return 0;
    if (msg->type == FL_MSG_SET && pack_said(fl_set_fields, &msg->set.set, &pk))
        return 0;
    return w.used;
}
