#pragma once

// A session with spies for GPU, loader and socket: what it starts is noted, what comes back is told by
// the test. One session at a time.
#include "proto/buf.h"
#include "proto/msg.h"
#include "server/session/job.h"
#include "server/session/viewer.h"
#include "test.h"

#include <fcntl.h>
#include <msgpack.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { W = 6, H = 4, D = 8, MOST = 512 };

static struct spy {
    struct fl_session *session;
    struct fl_catalogue *catalogue;
    struct fl_frame *sent[MOST]; // to the GPU, not yet back
    int n_sent, renders, pictures, forgotten;
    bool slow; // the renderer has room only when all that it was sent is begun
    int ahead; // paced and not begun
    uint64_t now;
    struct fl_map *loading;
    enum fl_norms norms; // of it
    bool woken[MOST]; // the viewers' sockets, in the order they joined: there is something to write
    int n_sockets;
} spy;

static inline void spy_render(void *user, struct fl_frame *frame)
{
    (void)user;
    spy.sent[spy.n_sent++] = frame;
    spy.renders++;
    spy.ahead += frame->paced;
}

static inline bool spy_has_room(void *user)
{
    (void)user;
    return !spy.slow || spy.ahead == 0;
}

// The renderer begins with all that it was sent.
static inline void begun(void)
{
    spy.ahead = 0;
    fl_session_feed(spy.session);
}

static inline void spy_load(void *user, struct fl_map *map, enum fl_norms norms)
{
    (void)user;
    spy.loading = map;
    spy.norms = norms;
}

static inline void spy_wake(void *user, void *socket)
{
    (void)user;
    *(bool *)socket = true;
}

static inline int spy_norms(enum fl_metric metric, enum fl_origin origin)
{
    (void)metric;
    return origin == FL_ORIGIN_MIN ? FL_NORMS_MIN : FL_NORMS_ZERO;
}

static inline uint64_t spy_now(void)
{
    return spy.now;
}

static inline void write_map(const char *path)
{
    static const uint8_t magic[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
    char header[128];
    float values[W * H * D];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    memset(header, ' ', sizeof header);
    memcpy(header, magic, sizeof magic);
    int n = snprintf(header + 10, 118,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }", H, W, D);
    header[10 + n] = ' ';
    header[127] = '\n';
    for (int i = 0; i < W * H * D; i++)
        values[i] = (float)(i % 13) + 0.5f;
    EXPECT(write(fd, header, sizeof header) == sizeof header);
    EXPECT(write(fd, values, sizeof values) == sizeof values);
    close(fd);
}

static inline void spy_forget(void *user, struct fl_map *map)
{
    (void)user;
    (void)map;
    spy.forgotten++;
}

static inline void start_session(uint32_t frame_budget)
{
    fl_session_destroy(spy.session);
    spy.session = fl_session_create(
        spy.catalogue,
        &(struct fl_session_options){.version = "0", .gpu = "spy", .frame_budget = frame_budget},
        &(struct fl_session_ways){
            .render = spy_render,
            .encode = spy_render,
            .picture = spy_render,
            .load = spy_load,
            .wake = spy_wake,
            .norms = spy_norms,
            .now = spy_now,
            .has_room = spy_has_room,
            .forget = spy_forget,
        });
}

// One or two scenes, each of one map: "NAME/NAME".
static inline struct fl_catalogue *catalogue_of(const char *name, const char *other)
{
    char dir[] = "/tmp/farlook-session-XXXXXX", one[64], two[64];
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};
    char *paths[] = {one, two};

    EXPECT(mkdtemp(dir));
    snprintf(one, sizeof one, "%s/%s.npy", dir, name);
    snprintf(two, sizeof two, "%s/%s.npy", dir, other ? other : name);
    write_map(one);
    write_map(two);
    EXPECT_INT(fl_catalogue_open(paths, other ? 2 : 1, &(struct fl_catalogue_options){0},
                                 &catalogue, &error),
               FL_OK);
    unlink(one); // it stays mapped
    unlink(two);
    rmdir(dir);
    return catalogue;
}

static inline void begin(void)
{
    memset(&spy, 0, sizeof spy);
    spy.now = 1000000;
    spy.catalogue = catalogue_of("map", "other");
    start_session(0);
}

static inline void end(void)
{
    fl_session_destroy(spy.session);
    for (int i = 0; i < spy.n_sent; i++)
        fl_frame_destroy(spy.sent[i]);
    fl_catalogue_close(spy.catalogue);
}

static inline void loaded(void)
{
    struct fl_map *map = spy.loading;
    struct fl_error error = {0};

    EXPECT(map);
    EXPECT_INT(fl_map_load(map, spy.norms, &error), FL_OK);
    spy.loading = NULL;
    fl_session_loaded(spy.session, map, spy.norms, &(struct fl_error){0});
}

// The oldest render comes back as a picture of `len` bytes.
static inline void rendered(size_t len, enum fl_enc enc)
{
    struct fl_frame *frame = spy.sent[0];

    EXPECT(spy.n_sent > 0);
    memmove(spy.sent, spy.sent + 1, sizeof(struct fl_frame *) * (size_t)--spy.n_sent);
    frame->w = frame->render.w;
    frame->h = frame->render.h;
    frame->lo = 0;
    frame->hi = 1;
    frame->exact = enc == FL_ENC_PNG || enc == FL_ENC_JPEG; // its levels; encoding may lose them
    frame->enc = enc;
    frame->image = fl_buf_create(len);
    memset(fl_buf_bytes(frame->image), ++spy.pictures, len); // no two alike
    fl_buf_set_len(frame->image, len);
    free(frame->vector); // a shot has one already
    frame->vector = calloc(D, sizeof(float));
    fl_session_deliver(spy.session, frame);
}

static inline void say(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    uint8_t bytes[2048];
    size_t len = fl_msg_encode(msg, bytes, sizeof bytes);

    EXPECT(len > 0);
    fl_session_receive(spy.session, viewer, bytes, len);
}

static inline void hover(struct fl_viewer *viewer, uint32_t seq, double x, double y)
{
    struct fl_msg msg = {.type = FL_MSG_SET};

    msg.set.seq = seq;
    msg.set.set.has = FL_SET_REF;
    msg.set.set.to.refs[0] = (struct fl_point){x, y, 1};
    msg.set.set.to.n_refs = 1;
    say(viewer, &msg);
}

// A message that went out, as far as the tests look at it.
struct heard {
    char type[16], enc[8];
    double frame, seq, code, done;
    char map[64];
    bool has_cell, exact;
    uint16_t close;
};

static inline void read_pair(struct heard *heard, const msgpack_object_kv *pair)
{
    const char *key = pair->key.via.str.ptr;
    uint32_t len = pair->key.via.str.size;
    const msgpack_object *value = &pair->val;
    double number = value->type == MSGPACK_OBJECT_POSITIVE_INTEGER ? (double)value->via.u64 : -1;

    if (len == 1 && key[0] == 't')
        memcpy(heard->type, value->via.str.ptr, value->via.str.size);
    else if (len == 3 && memcmp(key, "enc", 3) == 0)
        memcpy(heard->enc, value->via.str.ptr, value->via.str.size);
    else if (len == 3 && memcmp(key, "seq", 3) == 0)
        heard->seq = number;
    else if (len == 4 && memcmp(key, "code", 4) == 0)
        heard->code = number;
    else if (len == 4 && memcmp(key, "done", 4) == 0)
        heard->done = value->via.f64;
    else if (len == 3 && memcmp(key, "map", 3) == 0 && value->type == MSGPACK_OBJECT_STR)
        memcpy(heard->map, value->via.str.ptr, value->via.str.size);
    else if (len == 4 && memcmp(key, "cell", 4) == 0)
        heard->has_cell = value->type == MSGPACK_OBJECT_ARRAY;
    else if (len == 5 && memcmp(key, "exact", 5) == 0)
        heard->exact = value->via.boolean;
    else if (len == 5 && memcmp(key, "frame", 5) == 0)
        heard->frame = number;
}

// Nothing may be there that the viewer's socket was not woken for.
static inline bool hear(struct fl_viewer *viewer, struct heard *heard)
{
    static uint8_t bytes[1 << 20];
    bool *woken = viewer->socket;
    struct fl_out out;

    *heard = (struct heard){.seq = -1, .code = -1, .frame = -1};
    bool any = fl_session_next(viewer, &out);
    EXPECT(*woken || !any);
    *woken = any && out.more;
    if (!any)
        return false;
    heard->close = out.close;
    if (!out.head)
        return true;
    size_t len = fl_buf_len(out.head);
    memcpy(bytes, fl_buf_bytes(out.head), len);
    if (out.image) {
        memcpy(bytes + len, fl_buf_bytes(out.image), fl_buf_len(out.image));
        len += fl_buf_len(out.image);
    }
    msgpack_unpacked message;
    msgpack_unpacked_init(&message);
    EXPECT(msgpack_unpack_next(&message, (const char *)bytes, len, NULL) == MSGPACK_UNPACK_SUCCESS);
    EXPECT_INT(message.data.type, MSGPACK_OBJECT_MAP);
    for (uint32_t i = 0; i < message.data.via.map.size; i++)
        read_pair(heard, &message.data.via.map.ptr[i]);
    msgpack_unpacked_destroy(&message);
    fl_buf_unref(out.head);
    fl_buf_unref(out.image);
    return true;
}

static inline struct heard expect(struct fl_viewer *viewer, const char *type)
{
    struct heard heard;

    EXPECT(hear(viewer, &heard));
    if (strcmp(heard.type, type) != 0)
        fprintf(stderr, "  heard \"%s\", expected \"%s\"\n", heard.type, type);
    EXPECT(strcmp(heard.type, type) == 0);
    return heard;
}

static inline void expect_silence(struct fl_viewer *viewer)
{
    struct heard heard;
    EXPECT(!hear(viewer, &heard));
}

static inline struct fl_viewer *joined(void)
{
    EXPECT(spy.n_sockets < MOST);
    return fl_session_join(spy.session, &spy.woken[spy.n_sockets++], "");
}

static inline struct fl_viewer *greeted(void)
{
    struct fl_viewer *viewer = joined();
    struct fl_msg hello = {.type = FL_MSG_HELLO};

    hello.hello.v = 1;
    say(viewer, &hello);
    expect(viewer, "welcome");
    return viewer;
}

// A viewer with view 0 open, its first frame rendered, written and acknowledged.
static inline struct fl_viewer *watching_map(const char *map)
{
    struct fl_viewer *viewer = greeted();
    struct fl_msg open = {.type = FL_MSG_OPEN}, ack = {.type = FL_MSG_ACK};

    snprintf(open.open.map, sizeof open.open.map, "%s", map);
    say(viewer, &open);
    if (spy.loading) {
        loaded();
        expect(viewer, "scenes");
    }
    expect(viewer, "opened");
    rendered(100, FL_ENC_PNG);
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    say(viewer, &ack);
    spy.renders = 0;
    return viewer;
}

static inline struct fl_viewer *watching(void)
{
    return watching_map("map/map");
}
