#define LOG_MODULE "loader"
#include "loader.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/thread.h"

struct order {          // one of the two
    struct fl_map *map; // shared reference
    enum fl_norms norms;
    struct fl_frame *frame;
};

struct fl_loader {
    struct fl_mailbox *inbox;
    struct fl_thread *thread;
    fl_loaded_fn loaded;
    fl_frame_fn pictured;
    void *user; // borrowed
};

static void load_map(struct fl_loader *loader, struct order *order)
{
    const struct fl_map_facts *facts = fl_map_facts(order->map);
    struct fl_error error = {0};
    uint64_t begun = fl_now_us();

    if (!fl_map_load(order->map, order->norms, &error))
        log_info("%s: %d x %d x %d %s, ready in %llu ms", facts->name, facts->w, facts->h, facts->d,
                 facts->dtype, (unsigned long long)(fl_now_us() - begun) / 1000);
    else
        log_warn("%s", error.text);
    loader->loaded(loader->user, order->map, order->norms, &error);
    fl_map_unref(order->map);
}

static void fill_picture(struct fl_frame *frame)
{
    int32_t w = frame->render.w, own = fl_picture_w(frame->picture), enc = FL_ENC_NONE;
    struct fl_error *error = &frame->error;

    if (w == 0 || w >= own) {
        if (fl_picture_file(frame->picture, &frame->image, &enc, error) || frame->image) {
            frame->enc = (enum fl_enc)enc;
            frame->w = own;
            frame->h = fl_picture_h(frame->picture);
            return;
        }
        w = own; // drawn by us: there is no file
    }
    if (fl_picture_load(frame->picture, error))
        return;
    frame->w = w;
    frame->channels = 3;
    frame->pixels = fl_picture_scaled(frame->picture, w, &frame->h);
    if (!frame->pixels)
        fl_fail(error, FL_ERR_TOO_BIG,
                "There is no memory for the picture; ask for a smaller one.");
}

static void load_picture(struct fl_loader *loader, struct fl_frame *frame)
{
    if (!frame->map)
        fill_picture(frame);
    else if (fl_picture_load(frame->picture, &frame->error))
        log_warn("%s", frame->error.text);
    loader->pictured(loader->user, frame);
}

static void run(void *user)
{
    struct fl_loader *loader = user;
    struct order *order = NULL;

    while ((order = fl_mailbox_take(loader->inbox))) {
        if (order->frame)
            load_picture(loader, order->frame);
        else
            load_map(loader, order);
        free(order);
    }
}

struct fl_loader *fl_loader_create(fl_loaded_fn loaded, fl_frame_fn pictured, void *user)
{
    struct fl_loader *loader = fl_new(struct fl_loader);

    loader->loaded = loaded;
    loader->pictured = pictured;
    loader->user = user;
    loader->inbox = fl_mailbox_create();
    loader->thread = fl_thread_start("loader", run, loader);
    return loader;
}

void fl_loader_destroy(struct fl_loader *loader)
{
    if (!loader)
        return;
    fl_mailbox_close(loader->inbox);
    fl_thread_join(loader->thread);
    fl_mailbox_destroy(loader->inbox);
    free(loader);
}

static void send(struct fl_loader *loader, struct order order)
{
    struct order *copy = fl_new(struct order);

    *copy = order;
    fl_mailbox_put(loader->inbox, copy);
}

void fl_loader_load(struct fl_loader *loader, struct fl_map *map, enum fl_norms norms)
{
    send(loader, (struct order){.map = fl_map_ref(map), .norms = norms});
}

void fl_loader_picture(struct fl_loader *loader, struct fl_frame *frame)
{
    send(loader, (struct order){.frame = frame});
}
