// A session with spies for GPU, loader and socket: who is rendered when, and what goes out.
#include "proto/buf.h"
#include "proto/msg.h"
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
    uint64_t now;
    struct fl_map *loading;
} spy;

static void spy_render(void *user, struct fl_frame *frame)
{
    (void)user;
    spy.sent[spy.n_sent++] = frame;
    spy.renders++;
}

static void spy_load(void *user, struct fl_map *map, enum fl_norms norms)
{
    (void)user;
    EXPECT_INT(norms, FL_NORMS_ZERO);
    spy.loading = map;
}

static void spy_wake(void *user, void *socket)
{
    (void)user;
    (void)socket;
}

static int spy_norms(enum fl_metric metric, enum fl_origin origin)
{
    (void)metric;
    return origin == FL_ORIGIN_MIN ? FL_NORMS_MIN : FL_NORMS_ZERO;
}

static uint64_t spy_now(void)
{
    return spy.now;
}

static void write_map(const char *path)
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

// One map, "NAME/NAME".
static struct fl_catalogue *catalogue_of(const char *name)
{
    char dir[] = "/tmp/farlook-session-XXXXXX", path[64];
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};
    char *paths[] = {path};

    EXPECT(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/%s.npy", dir, name);
    write_map(path);
    EXPECT_INT(fl_catalogue_open(paths, 1, &(struct fl_catalogue_options){0}, &catalogue, &error),
               FL_OK);
    unlink(path); // it stays mapped
    rmdir(dir);
    return catalogue;
}

static void spy_forget(void *user, struct fl_map *map)
{
    (void)user;
    (void)map;
    spy.forgotten++;
}

static void begin(void)
{
    static const struct fl_session_options options = {.version = "0", .gpu = "spy"};

    memset(&spy, 0, sizeof spy);
    spy.now = 1000000;
    spy.catalogue = catalogue_of("map");
    spy.session = fl_session_create(spy.catalogue, &options,
                                    &(struct fl_session_ways){
                                        .render = spy_render,
                                        .encode = spy_render,
                                        .picture = spy_render,
                                        .load = spy_load,
                                        .wake = spy_wake,
                                        .norms = spy_norms,
                                        .now = spy_now,
                                        .forget = spy_forget,
                                    });
}

static void end(void)
{
    fl_session_destroy(spy.session);
    for (int i = 0; i < spy.n_sent; i++)
        fl_frame_destroy(spy.sent[i]);
    fl_catalogue_close(spy.catalogue);
}

static void loaded(void)
{
    struct fl_map *map = spy.loading;
    struct fl_error error = {0};

    EXPECT(map);
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_OK);
    spy.loading = NULL;
    fl_session_loaded(spy.session, map, FL_NORMS_ZERO, &(struct fl_error){0});
}

// The oldest render comes back as a picture of `len` bytes.
static void rendered(size_t len, enum fl_enc enc)
{
    struct fl_frame *frame = spy.sent[0];

    EXPECT(spy.n_sent > 0);
    memmove(spy.sent, spy.sent + 1, sizeof(struct fl_frame *) * (size_t)--spy.n_sent);
    frame->w = frame->render.w;
    frame->h = frame->render.h;
    frame->lo = 0;
    frame->hi = 1;
    frame->exact = enc == FL_ENC_PNG;
    frame->enc = enc;
    frame->image = fl_buf_create(len);
    memset(fl_buf_bytes(frame->image), ++spy.pictures, len); // no two alike
    fl_buf_set_len(frame->image, len);
    free(frame->vector); // a shot has one already
    frame->vector = calloc(D, sizeof(float));
    fl_session_deliver(spy.session, frame);
}

static void say(struct fl_viewer *viewer, const struct fl_msg *msg)
{
    uint8_t bytes[2048];
    size_t len = fl_msg_encode(msg, bytes, sizeof bytes);

    EXPECT(len > 0);
    fl_session_receive(spy.session, viewer, bytes, len);
}

static void hover(struct fl_viewer *viewer, uint32_t seq, double x, double y)
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
    double frame, seq, code;
    bool has_cell;
    uint16_t close;
};

static void read_pair(struct heard *heard, const msgpack_object_kv *pair)
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
    else if (len == 4 && memcmp(key, "cell", 4) == 0)
        heard->has_cell = value->type == MSGPACK_OBJECT_ARRAY;
    else if (len == 5 && memcmp(key, "frame", 5) == 0)
        heard->frame = number;
}

static bool hear(struct fl_viewer *viewer, struct heard *heard)
{
    static uint8_t bytes[1 << 20];
    struct fl_out out;

    *heard = (struct heard){.seq = -1, .code = -1, .frame = -1};
    if (!fl_session_next(spy.session, viewer, &out))
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

static struct heard expect(struct fl_viewer *viewer, const char *type)
{
    struct heard heard;

    EXPECT(hear(viewer, &heard));
    if (strcmp(heard.type, type) != 0)
        fprintf(stderr, "  heard \"%s\", expected \"%s\"\n", heard.type, type);
    EXPECT(strcmp(heard.type, type) == 0);
    return heard;
}

static void expect_silence(struct fl_viewer *viewer)
{
    struct heard heard;
    EXPECT(!hear(viewer, &heard));
}

static struct fl_viewer *greeted(void)
{
    struct fl_viewer *viewer = fl_session_join(spy.session, NULL, "");
    struct fl_msg hello = {.type = FL_MSG_HELLO};

    hello.hello.v = 1;
    say(viewer, &hello);
    expect(viewer, "welcome");
    return viewer;
}

// A viewer with view 0 open, its first frame rendered, written and acknowledged.
static struct fl_viewer *watching(void)
{
    struct fl_viewer *viewer = greeted();
    struct fl_msg open = {.type = FL_MSG_OPEN}, ack = {.type = FL_MSG_ACK};

    strcpy(open.open.map, "map/map");
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

static void test_a_view_shows_its_first_frame_by_itself(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    expect_silence(viewer);
    end();
}

static void test_a_hundred_hovers_cost_two_renders(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    for (uint32_t i = 1; i <= 100; i++)
        hover(viewer, i, i % W + 0.5, i % H + 0.5);
    EXPECT_INT(spy.renders, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(spy.renders, 1); // the next one starts when this one is written
    EXPECT_INT(expect(viewer, "frame").seq, 1);
    EXPECT_INT(spy.renders, 2);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 100);
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 2);
    end();
}

static void test_frames_wait_for_acknowledgements(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    for (uint32_t i = 1; i <= 2; i++) {
        hover(viewer, i, i % W + 0.5, 0.5);
        rendered(100, FL_ENC_PNG);
        ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    }
    hover(viewer, 3, 3.5, 0.5);
    EXPECT_INT(spy.n_sent, 0); // two are out
    say(viewer, &ack);         // acknowledges both
    EXPECT_INT(spy.n_sent, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 3);
    end();
}

static void test_a_hover_within_a_cell_costs_nothing(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 1.2, 1.2);
    rendered(100, FL_ENC_PNG);
    expect(viewer, "frame");
    hover(viewer, 2, 1.8, 1.9);
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "same") == 0);
    EXPECT_INT(heard.seq, 2);
    EXPECT(heard.has_cell);
    EXPECT_INT(spy.renders, 1);
    end();
}

static void test_a_reference_outside_keeps_the_frame(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, -3, 1);
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "same") == 0);
    EXPECT(!heard.has_cell);
    EXPECT_INT(spy.renders, 0);
    end();
}

static void test_equal_renders_are_one(void)
{
    begin();
    struct fl_viewer *a = watching(), *b = watching();

    hover(a, 1, 2.5, 2.5);
    hover(b, 7, 2.6, 2.4); // the same cell
    EXPECT_INT(spy.renders, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(a, "frame").seq, 1);
    EXPECT_INT(expect(b, "frame").seq, 7);
    end();
}

static void test_at_rest_a_lossy_frame_becomes_exact(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    rendered(100, FL_ENC_JPEG);
    EXPECT(strcmp(expect(viewer, "frame").enc, "jpeg") == 0);
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(spy.sent[0]->encoding.strip > 0); // exact, in strips where the link is slow
    rendered(200, FL_ENC_PNG);
    struct heard heard = expect(viewer, "frame");
    EXPECT(strcmp(heard.enc, "png") == 0);
    EXPECT_INT(heard.seq, 1);
    spy.now += 260000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0); // once is enough
    end();
}

// The oldest render comes back as an exact picture of three strips.
static void rendered_in_strips(void)
{
    struct fl_frame *frame = spy.sent[0];

    EXPECT(spy.n_sent > 0);
    memmove(spy.sent, spy.sent + 1, sizeof(struct fl_frame *) * (size_t)--spy.n_sent);
    frame->w = W;
    frame->h = H;
    frame->exact = true;
    frame->enc = FL_ENC_PNG;
    frame->n_strips = 3;
    frame->strips = calloc(3, sizeof *frame->strips);
    for (int i = 0; i < 3; i++) {
        frame->strips[i] = (struct fl_strip){fl_buf_create(10), i, i == 2 ? H : i + 1};
        memset(fl_buf_bytes(frame->strips[i].image), i, 10);
        fl_buf_set_len(frame->strips[i].image, 10);
    }
    fl_session_deliver(spy.session, frame);
}

static struct fl_viewer *resting(void)
{
    struct fl_viewer *viewer = watching();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    hover(viewer, 1, 2.5, 2.5);
    rendered(100, FL_ENC_JPEG);
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    say(viewer, &ack);
    spy.now += 260000;
    fl_session_tick(spy.session);
    rendered_in_strips();
    return viewer;
}

static void test_strips_wait_for_acknowledgements(void)
{
    begin();
    struct fl_viewer *viewer = resting();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    expect(viewer, "frame");
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    expect_silence(viewer); // two are out
    say(viewer, &ack);
    struct heard last = expect(viewer, "frame");
    EXPECT(strcmp(last.enc, "png") == 0);
    EXPECT_INT(last.seq, 1);
    expect_silence(viewer);
    spy.now += 1000000;
    fl_session_tick(spy.session);
    EXPECT_INT(spy.n_sent, 0); // it is exact now
    end();
}

static void test_a_hover_cancels_the_strips_that_are_left(void)
{
    begin();
    struct fl_viewer *viewer = resting();

    expect(viewer, "frame");
    hover(viewer, 2, 1.5, 0.5);
    expect_silence(viewer); // no more strips
    EXPECT_INT(spy.n_sent, 1);
    rendered(100, FL_ENC_JPEG);
    EXPECT_INT(expect(viewer, "frame").seq, 2);
    end();
}

static void test_on_a_slow_link_moving_pictures_shrink(void)
{
    begin();
    fl_session_destroy(spy.session);
    spy.session = fl_session_create(
        spy.catalogue,
        &(struct fl_session_options){.version = "0", .gpu = "spy", .frame_budget = 1},
        &(struct fl_session_ways){.render = spy_render,
                                  .encode = spy_render,
                                  .picture = spy_render,
                                  .load = spy_load,
                                  .wake = spy_wake,
                                  .norms = spy_norms,
                                  .now = spy_now});
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    EXPECT_INT(spy.sent[0]->render.w, 2); // a quarter of 6, rounded up
    EXPECT_INT(spy.sent[0]->render.h, 1);
    EXPECT_INT(spy.sent[0]->encoding.enc, FL_ENC_JPEG);
    end();
}

static void test_who_leaves_is_not_delivered_to(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    fl_session_leave(spy.session, viewer);
    rendered(100, FL_ENC_PNG); // must not touch the viewer
    EXPECT_INT(fl_session_counts(spy.session).viewers, 0);
    end();
}

static void test_a_failed_render_is_said_and_the_next_one_works(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    hover(viewer, 1, 2.5, 2.5);
    fl_fail(&spy.sent[0]->error, FL_ERR_GPU, "The GPU failed.");
    rendered(100, FL_ENC_NONE);
    struct heard heard = expect(viewer, "error");
    EXPECT_INT(heard.code, FL_ERR_GPU);
    EXPECT_INT(heard.seq, 1);
    hover(viewer, 2, 1.5, 0.5);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 2);
    end();
}

static void test_bad_sets_change_nothing(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg msg = {.type = FL_MSG_SET};

    msg.set.seq = 4;
    msg.set.set.has = FL_SET_MODE | FL_SET_CHANNEL;
    msg.set.set.to.mode = FL_MODE_CHANNEL;
    msg.set.set.to.channel = D; // one too many
    say(viewer, &msg);
    struct heard heard = expect(viewer, "error");
    EXPECT_INT(heard.code, FL_ERR_RANGE);
    EXPECT_INT(heard.seq, 4);
    EXPECT_INT(spy.renders, 0);
    msg.set.view = 9;
    say(viewer, &msg);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_NOT_FOUND);
    hover(viewer, 4, 1.5, 1.5); // the refused 4 was not taken
    EXPECT_INT(spy.renders, 1);
    hover(viewer, 4, 2.5, 1.5);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_RANGE);
    end();
}

static void test_hello_comes_first_and_once(void)
{
    begin();
    struct fl_viewer *viewer = fl_session_join(spy.session, NULL, "");
    struct heard heard;

    hover(viewer, 1, 1, 1);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_ORDER);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4400);

    viewer = greeted();
    struct fl_msg hello = {.type = FL_MSG_HELLO};
    hello.hello.v = 1;
    say(viewer, &hello);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_ORDER);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4400);
    end();
}

static void test_malformed_bytes_end_the_connection(void)
{
    begin();
    struct fl_viewer *viewer = greeted();
    struct heard heard;

    fl_session_receive(spy.session, viewer, "\xc1", 1);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_MALFORMED);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4400);
    end();
}

static void test_a_stalled_viewer_is_hung_up(void)
{
    begin();
    struct fl_viewer *viewer = watching(), *paused = watching(), *silent = NULL;
    struct fl_msg pause = {.type = FL_MSG_PAUSE};
    struct heard heard;

    silent = fl_session_join(spy.session, NULL, "");
    hover(viewer, 1, 2.5, 2.5);
    hover(paused, 1, 2.5, 2.5);
    rendered(100, FL_ENC_PNG);
    expect(viewer, "frame");
    expect(paused, "frame");
    say(paused, &pause);
    spy.now += 15100000;
    fl_session_tick(spy.session);
    EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4408);
    EXPECT(hear(silent, &heard));
    EXPECT_INT(heard.close, 4408); // no hello
    expect_silence(paused);
    end();
}

static void test_a_paused_view_is_not_rendered(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_msg pause = {.type = FL_MSG_PAUSE}, resume = {.type = FL_MSG_RESUME};

    say(viewer, &pause);
    hover(viewer, 1, 2.5, 2.5);
    EXPECT_INT(spy.renders, 0);
    say(viewer, &resume);
    EXPECT_INT(spy.renders, 1);
    end();
}

static void test_a_flood_is_cut_off(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct heard heard = {0};

    for (uint32_t i = 1; i < 6000; i++)
        hover(viewer, i, 1.5, 1.5);
    while (!heard.close)
        EXPECT(hear(viewer, &heard));
    EXPECT_INT(heard.close, 4429);
    end();
}

static void count_shot(void *user, const struct fl_frame *frame)
{
    EXPECT(frame->image || frame->vector);
    ++*(int *)user;
}

static void test_a_shot_waits_for_its_map_and_can_be_forgotten(void)
{
    begin();
    const struct fl_scene *scene = fl_catalogue_scene(spy.catalogue, 0);
    struct fl_shot shot = {
        .kind = FL_SHOT_FRAME, .scene = scene, .map = scene->maps[0], .output = FL_OUT_VALUES};
    struct fl_error error = {0};
    int shots = 0;

    EXPECT(fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    uint64_t gone = fl_session_shoot(spy.session, &shot, count_shot, &shots, &error);
    EXPECT_INT(spy.n_sent, 0);
    fl_session_forget(spy.session, gone);
    loaded();
    EXPECT_INT(spy.n_sent, 1);
    rendered(sizeof(float[W * H]), FL_ENC_RAW);
    EXPECT_INT(shots, 1);
    shot.kind = FL_SHOT_VECTOR;
    EXPECT(fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    rendered(1, FL_ENC_NONE);
    EXPECT_INT(shots, 2);
    shot.set.has = FL_SET_REF;
    shot.set.to.n_refs = 1;
    shot.set.to.refs[0] = (struct fl_point){99, 99, 1};
    EXPECT(!fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    EXPECT_INT(error.code, FL_ERR_RANGE);
    shot.kind = FL_SHOT_PICTURE;
    EXPECT(!fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    EXPECT_INT(error.code, FL_ERR_NOT_FOUND);
    end();
}

// As main.c does it: the old catalogue is gone as soon as the session has the new one.
static void change_to(struct fl_catalogue *catalogue)
{
    fl_session_change(spy.session, catalogue);
    fl_catalogue_close(spy.catalogue);
    spy.catalogue = catalogue;
}

static void test_a_view_goes_over_to_a_replaced_map(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_view *view = &viewer->views[0];
    struct fl_map *old = view->map;

    view->state.has_window = true;
    memcpy(view->state.window, (uint32_t[]){1, 1, 99, 99}, sizeof view->state.window);
    hover(viewer, 5, 2.5, 1.5); // a render that comes back too late
    EXPECT_INT(spy.n_sent, 1);
    change_to(catalogue_of("map"));
    EXPECT(view->map && view->map != old);
    EXPECT(spy.loading == view->map);
    EXPECT_INT(spy.forgotten, 1);
    expect(viewer, "scenes");
    expect_silence(viewer); // not before it is loaded
    loaded();
    expect(viewer, "scenes");
    expect(viewer, "opened");
    EXPECT_INT(spy.n_sent, 2);
    rendered(100, FL_ENC_PNG); // of the map that is no more: nobody is told
    expect_silence(viewer);
    EXPECT(spy.sent[0]->map == view->map);
    EXPECT_INT(spy.sent[0]->render.refs[0].i, 2);
    EXPECT_INT(spy.sent[0]->render.window[2], W);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 5);
    end();
}

static void test_a_view_of_a_map_that_is_gone_is_closed(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_viewer *other = greeted();

    change_to(catalogue_of("other"));
    expect(viewer, "scenes");
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_GONE);
    EXPECT(!viewer->views[0].map);
    expect(other, "scenes");
    expect_silence(other);
    hover(viewer, 6, 2.5, 1.5);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_NOT_FOUND);
    end();
}

static void test_a_map_that_goes_while_it_is_loaded_is_kept_alive(void)
{
    begin();
    struct fl_viewer *viewer = greeted();
    struct fl_msg open = {.type = FL_MSG_OPEN};

    strcpy(open.open.map, "map/map");
    say(viewer, &open);
    struct fl_map *old = fl_map_ref(spy.loading); // as the loader does
    change_to(catalogue_of("map"));
    expect(viewer, "scenes");
    EXPECT(spy.loading != old);
    EXPECT_INT(fl_map_load(old, FL_NORMS_ZERO, &(struct fl_error){0}), FL_OK);
    fl_session_loaded(spy.session, old, FL_NORMS_ZERO, &(struct fl_error){0});
    fl_map_unref(old);
    expect(viewer, "scenes");
    expect_silence(viewer); // the view waits for the new one
    loaded();
    expect(viewer, "scenes");
    expect(viewer, "opened");
    end();
}

static void test_what_is_as_before_is_not_opened_anew(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    const struct fl_scene *scene = fl_catalogue_scene(spy.catalogue, 0);

    change_to(fl_catalogue_of(&scene, 1));
    expect(viewer, "scenes");
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 0);
    EXPECT_INT(spy.forgotten, 0);
    end();
}

int main(void)
{
    RUN(test_a_view_goes_over_to_a_replaced_map);
    RUN(test_a_view_of_a_map_that_is_gone_is_closed);
    RUN(test_a_map_that_goes_while_it_is_loaded_is_kept_alive);
    RUN(test_what_is_as_before_is_not_opened_anew);
    RUN(test_a_view_shows_its_first_frame_by_itself);
    RUN(test_a_hundred_hovers_cost_two_renders);
    RUN(test_frames_wait_for_acknowledgements);
    RUN(test_a_hover_within_a_cell_costs_nothing);
    RUN(test_a_reference_outside_keeps_the_frame);
    RUN(test_equal_renders_are_one);
    RUN(test_at_rest_a_lossy_frame_becomes_exact);
    RUN(test_strips_wait_for_acknowledgements);
    RUN(test_a_hover_cancels_the_strips_that_are_left);
    RUN(test_on_a_slow_link_moving_pictures_shrink);
    RUN(test_who_leaves_is_not_delivered_to);
    RUN(test_a_failed_render_is_said_and_the_next_one_works);
    RUN(test_bad_sets_change_nothing);
    RUN(test_hello_comes_first_and_once);
    RUN(test_malformed_bytes_end_the_connection);
    RUN(test_a_stalled_viewer_is_hung_up);
    RUN(test_a_paused_view_is_not_rendered);
    RUN(test_a_flood_is_cut_off);
    RUN(test_a_shot_waits_for_its_map_and_can_be_forgotten);
    return 0;
}
