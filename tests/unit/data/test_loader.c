#include "server/data/loader.h"

#include "files.h"
#include "npy_files.h"

#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/thread.h"
#include "server/data/source.h"

#include <limits.h>

// What came back, in the order it came.
struct result {
    struct fl_map *map; // or
    struct fl_frame *frame;
    enum fl_norms norms;
    struct fl_error error;
};

static void on_loaded(void *user, struct fl_map *map, enum fl_norms norms,
                      const struct fl_error *error)
{
    struct result *result = fl_new(struct result);

    *result = (struct result){.map = map, .norms = norms, .error = *error};
    fl_mailbox_put(user, result);
}

static void on_pictured(void *user, struct fl_frame *frame)
{
    struct result *result = fl_new(struct result);

    result->frame = frame;
    fl_mailbox_put(user, result);
}

static struct result take(struct fl_mailbox *results)
{
    struct result *result = fl_mailbox_take(results), copy = *result;

    free(result);
    return copy;
}

static enum fl_err fail(void *user, float **out, const struct fl_progress *progress,
                        struct fl_error *error)
{
    (void)progress;
    (void)user;
    (void)out;
    return fl_fail(error, FL_ERR_FORMAT, "It cannot be decoded.");
}

static void test_maps_are_loaded_in_order_and_failures_said(void)
{
    static const float values[] = {3, 4, 0, 0};
    static const double extent[4] = {0, 0, 2, 1};
    struct fl_map_source good = fl_map_source_of(values, 2, 1, 2);
    struct fl_map_source bad = {.w = 2, .h = 1, .d = 2, .decode = fail};
    struct fl_mailbox *results = fl_mailbox_create();
    struct fl_loader *loader = fl_loader_create(on_loaded, on_pictured, results);
    struct fl_map *a = fl_map_create("a", &good, extent), *b = fl_map_create("b", &bad, extent);

    fl_loader_load(loader, a, FL_NORMS_ZERO);
    fl_loader_load(loader, b, FL_NORMS_ZERO);
    fl_loader_load(loader, a, FL_NORMS_CENTRED);
    struct result first = take(results), second = take(results), third = take(results);
    EXPECT(first.map == a && first.norms == FL_NORMS_ZERO && first.error.code == FL_OK);
    EXPECT(second.map == b && second.error.code == FL_ERR_FORMAT && second.error.text[0]);
    EXPECT(third.map == a && third.norms == FL_NORMS_CENTRED && third.error.code == FL_OK);
    EXPECT(fl_map_loaded(a, FL_NORMS_CENTRED) && !fl_map_loaded(b, FL_NORMS_ZERO));
    EXPECT_NEAR(fl_map_inverse_norms(a, FL_NORMS_ZERO)[0], 0.2, 1e-7);
    // What was sent is finished before the loader ends, with the map's last reference gone.
    fl_loader_load(loader, a, FL_NORMS_MIN);
    fl_map_unref(a);
    fl_map_unref(b);
    fl_loader_destroy(loader);
    EXPECT_INT(take(results).norms, FL_NORMS_MIN);
    fl_mailbox_destroy(results);
    fl_loader_destroy(NULL);
}

static struct fl_frame *picture_frame(struct fl_picture *picture, int32_t w)
{
    struct fl_frame *frame = fl_new(struct fl_frame);

    frame->picture = picture;
    frame->render.w = w;
    return frame;
}

static void drop_frame(struct fl_frame *frame)
{
    fl_buf_unref(frame->image);
    free(frame->pixels);
    free(frame);
}

static struct fl_picture *make_picture(bool drawn)
{
    enum { W = 40, H = 20 };
    uint8_t rgb[W * H * 3];
    struct fl_picture *picture = NULL;

    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(i % 3 * 60 + 30);
    if (drawn)
        return fl_picture_of(rgb, W, H);
    struct fl_buf *bytes = make_jpeg(W, H, TJPF_RGB, rgb, 0);
    EXPECT_INT(fl_picture_open_bytes(bytes, "x.jpg", &picture, NULL), FL_OK);
    fl_buf_unref(bytes);
    return picture;
}

static void check_picture(struct fl_loader *loader, struct fl_mailbox *results,
                          struct fl_picture *picture, int32_t w, bool as_file)
{
    struct fl_frame *frame = picture_frame(picture, w);

    fl_loader_picture(loader, frame);
    EXPECT(take(results).frame == frame && frame->error.code == FL_OK);
    EXPECT_INT(frame->w, w == 10 ? 10 : 40);
    EXPECT_INT(frame->h, w == 10 ? 5 : 20);
    EXPECT((frame->image != NULL) == as_file && (frame->pixels != NULL) != as_file);
    if (as_file)
        EXPECT(frame->enc == FL_ENC_JPEG && fl_buf_bytes(frame->image)[1] == 0xd8);
    else
        EXPECT(frame->channels == 3 && abs(frame->pixels[1] - 90) < 8);
    drop_frame(frame);
}

static void test_pictures_come_as_their_file_or_as_pixels(void)
{
    struct fl_mailbox *results = fl_mailbox_create();
    struct fl_loader *loader = fl_loader_create(on_loaded, on_pictured, results);
    struct fl_picture *file = make_picture(false), *drawn = make_picture(true);
    static const int32_t widths[] = {0, 40, 100, 10};

    for (size_t i = 0; i < 4; i++) {
        check_picture(loader, results, file, widths[i], widths[i] != 10);
        check_picture(loader, results, drawn, widths[i], false);
    }
    fl_picture_unref(file);
    fl_picture_unref(drawn);
    fl_loader_destroy(loader);
    fl_mailbox_destroy(results);
}

static void test_a_frame_with_a_map_only_has_its_picture_loaded(void)
{
    struct fl_mailbox *results = fl_mailbox_create();
    struct fl_loader *loader = fl_loader_create(on_loaded, on_pictured, results);
    struct fl_map_source source = {.w = 1, .h = 1, .d = 1, .decode = fail};
    struct fl_map *map = fl_map_create("m", &source, (double[]){0, 0, 1, 1});
    struct fl_picture *picture = make_picture(false);
    struct fl_frame *frame = picture_frame(picture, 10);

    frame->map = map;
    EXPECT(!fl_picture_rgb(picture));
    fl_loader_picture(loader, frame);
    EXPECT(take(results).frame == frame && !frame->error.code);
    EXPECT(!frame->image && !frame->pixels && fl_picture_rgb(picture));
    drop_frame(frame);
    fl_map_unref(map);
    fl_picture_unref(picture);
    fl_loader_destroy(loader);
    fl_mailbox_destroy(results);
}

int main(void)
{
    fl_log_set_level(FL_LOG_ERROR);
    RUN(test_maps_are_loaded_in_order_and_failures_said);
    RUN(test_pictures_come_as_their_file_or_as_pixels);
    RUN(test_a_frame_with_a_map_only_has_its_picture_loaded);
    return 0;
}
