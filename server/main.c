#define LOG_MODULE "main"
#include "bench.h"
#include "options.h"

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/base/thread.h"
#include "server/data/keeper.h"
#include "server/data/loader.h"
#include "server/encode/encode.h"
#include "server/gpu/gpu.h"
#include "server/net/net.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// The pipeline, drawn: a hover makes a frame, and the frame goes round once.
//
//   socket -> net -> session --render--> gpu --pixels--> encode --bytes--> session -> net -> socket
//                       |                 ^
//                       +-load, picture-> loader
//
//   files that change, and uploads from net: keeper --another catalogue--> session
//
// net and session live on this thread, the others on their own. What comes back from them is
// handed to this thread by fl_net_call.
struct server {
    struct fl_net *net;
    struct fl_session *session;
    struct fl_keeper *keeper;
    struct fl_loader *loader;
    struct fl_gpu *gpu;
    struct fl_encode *encode;
    struct fl_catalogue *catalogue;
    atomic_uint encoding; // frames that wait for an encoder or are at one
};

enum {
    EXIT_USAGE = 2,
    EXIT_NO_GPU = 3,
    MOST_ENCODING = FL_MAX_REFS, // what one pass brings: with more, the encoders are behind
};

static void ask_gpu(void *user, struct fl_frame *frame)
{
    fl_gpu_send(((struct server *)user)->gpu, frame);
}

static void ask_encode(void *user, struct fl_frame *frame)
{
    atomic_fetch_add(&((struct server *)user)->encoding, 1);
    fl_encode_send(((struct server *)user)->encode, frame);
}

static void ask_picture(void *user, struct fl_frame *frame)
{
    fl_loader_picture(((struct server *)user)->loader, frame);
}

static void ask_load(void *user, struct fl_map *map, enum fl_norms norms)
{
    fl_loader_load(((struct server *)user)->loader, map, norms);
}

static void wake(void *user, void *socket)
{
    (void)user;
    fl_net_wake(socket);
}

// Loader thread: a picture alone is encoded, one under a heat map goes on to be drawn.
static void pictured(void *user, struct fl_frame *frame)
{
    if (frame->map && !frame->error.code)
        ask_gpu(user, frame);
    else
        ask_encode(user, frame);
}

static void deliver(void *user, void *frame)
{
    fl_session_deliver(((struct server *)user)->session, frame);
}

// Encoder threads.
static void encoded(void *user, struct fl_frame *frame)
{
    atomic_fetch_sub(&((struct server *)user)->encoding, 1);
    fl_net_call(((struct server *)user)->net, deliver, user, frame);
}

static bool has_room(void *user)
{
    struct server *server = user;
    return atomic_load(&server->encoding) < MOST_ENCODING && fl_gpu_has_room(server->gpu);
}

static void feed(void *user, void *unused)
{
    (void)unused;
    fl_session_feed(((struct server *)user)->session);
}

// GPU thread.
static void ask_feed(void *user)
{
    fl_net_call(((struct server *)user)->net, feed, user, NULL);
}

struct loaded { // one map's load, on its way to this thread
    struct fl_map *map;
    enum fl_norms norms;
    struct fl_error error;
};

static void deliver_loaded(void *user, void *argument)
{
    struct loaded *loaded = argument;

    fl_session_loaded(((struct server *)user)->session, loaded->map, loaded->norms, &loaded->error);
    fl_map_unref(loaded->map);
    free(loaded);
}

// Loader thread.
static void loaded(void *user, struct fl_map *map, enum fl_norms norms,
                   const struct fl_error *error)
{
    struct loaded *loaded = fl_new(struct loaded);

    *loaded = (struct loaded){fl_map_ref(map), norms, *error};
    fl_net_call(((struct server *)user)->net, deliver_loaded, user, loaded);
}

static void forget(void *user, struct fl_map *map)
{
    fl_gpu_forget(((struct server *)user)->gpu, map);
}

static uint64_t upload_room(void *user)
{
    return fl_keeper_room(((struct server *)user)->keeper);
}

static void deliver_changed(void *user, void *argument)
{
    struct server *server = user;
    struct fl_catalogue *before = server->catalogue;

    server->catalogue = argument;
    fl_session_change(server->session, server->catalogue);
    fl_catalogue_close(before);
}

// Keeper's thread.
static void changed(void *user, struct fl_catalogue *catalogue)
{
    fl_net_call(((struct server *)user)->net, deliver_changed, user, catalogue);
}

static void deliver_told(void *user, void *argument)
{
    fl_net_told(((struct server *)user)->net, argument);
}

// Keeper's thread.
static void told(void *user, struct fl_told *what)
{
    fl_net_call(((struct server *)user)->net, deliver_told, user, what);
}

static void stop_on_signal(void *user)
{
    fl_signals_wait();
    fl_net_stop(((struct server *)user)->net);
}

static void say_progress(void *user, const char *what, unsigned percent)
{
    (void)user;
    fprintf(stderr, "\r%s: %u %%%s", what, percent, percent == 100 ? "\n" : "");
}

static struct fl_net *start_net(const struct server *server, const struct fl_options *options,
                                struct fl_error *error)
{
    const struct fl_gpu_info *gpu = fl_gpu_info(server->gpu);

    return fl_net_create(
        &(struct fl_net_options){
            .listen = options->listen,
            .public_url = options->public_url,
            .origins = options->origins,
            .n_origins = options->n_origins,
            .keeper = server->keeper,
            .version = FARLOOK_VERSION,
            .gpu = gpu->name,
            .software = gpu->software,
        },
        error);
}

static struct fl_session *start_session(struct server *server, const struct fl_options *options)
{
    const struct fl_gpu_info *gpu = fl_gpu_info(server->gpu);

    return fl_session_create(server->catalogue,
                             &(struct fl_session_options){
                                 .version = FARLOOK_VERSION,
                                 .gpu = gpu->name,
                                 .software = gpu->software,
                                 .quality = options->quality,
                                 .frame_budget = options->frame_budget,
                                 .batch = options->batch,
                             },
                             &(struct fl_session_ways){
                                 .render = ask_gpu,
                                 .encode = ask_encode,
                                 .picture = ask_picture,
                                 .load = ask_load,
                                 .wake = wake,
                                 .norms = fl_gpu_norms,
                                 .now = fl_now_us,
                                 .forget = forget,
                                 .upload = upload_room,
                                 .user = server,
                                 .has_room = has_room,
                             });
}

// What can fail is tried first, cheapest first. The exit status of what failed, or 0.
static int start(struct server *server, const struct fl_options *options, struct fl_error *error)
{
    struct fl_keeper_options keeping = {
        .reading = {.layout = options->layout, .progress = say_progress},
        .paths = options->paths,
        .n_paths = options->n_paths,
        .watch = !options->no_watch,
        .upload_dir = options->upload_dir,
        .quota = options->quota,
    };
    struct fl_gpu_options drawing = {options->gpu,
                                     options->software,
                                     options->gpu_memory,
                                     .half = options->half,
                                     .engine = (enum fl_engine_choice)options->engine,
                                     .batch = options->batch,
                                     .room = ask_feed};
    unsigned cores = fl_cores();

    if (fl_keeper_open(&keeping, &server->keeper, &server->catalogue, error))
        return EXIT_FAILURE;
    server->gpu = fl_gpu_create(&drawing, ask_encode, server, error);
    if (!server->gpu)
        return EXIT_NO_GPU;
    server->net = start_net(server, options, error);
    if (!server->net)
        return EXIT_FAILURE;
    unsigned encoders = options->encoders ? options->encoders : cores > 3 ? cores - 2 : 2;
    server->encode = fl_encode_create(encoders, encoded, server);
    server->loader = fl_loader_create(loaded, pictured, server);
    server->session = start_session(server, options);
    fl_keeper_start(server->keeper, &(struct fl_keeper_ways){changed, told, server});
    return 0;
}

static void run(struct server *server)
{
    struct fl_thread *signals = fl_thread_start("signals", stop_on_signal, server);

    printf("farlook-server: %s\n", fl_net_url(server->net));
    fflush(stdout);
    fl_net_run(server->net, server->session);
    fl_thread_join(signals);
}

// In the order that frames travel, so that each stage finishes what it was sent.
static void stop(struct server *server)
{
    if (server->session)
        fl_session_stop(server->session); // starts nothing more
    fl_keeper_stop(server->keeper);
    fl_loader_destroy(server->loader);
    fl_gpu_destroy(server->gpu);
    fl_encode_destroy(server->encode);
    if (server->net)
        fl_net_drain(server->net); // parcels that came back after the loop ended
    fl_net_destroy(server->net);   // every viewer leaves
    fl_session_destroy(server->session);
    fl_keeper_destroy(server->keeper);
    fl_catalogue_close(server->catalogue);
}

// Instead of a server, a table. The exit status.
static int measure(const struct fl_options *options, struct fl_error *error)
{
    enum fl_err err = fl_bench_print(options, error);

    return err == FL_ERR_GPU ? EXIT_NO_GPU : err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct server server = {0};
    struct fl_options options;
    struct fl_error error = {0};
    int status = EXIT_USAGE;

    fl_signals_block();
    if (!fl_options_parse(argc, argv, &options, &error)) {
        fl_log_set_level((enum fl_log_level)options.log_level);
        if (options.help || options.version) {
            fputs(options.help ? fl_options_usage() : "farlook-server " FARLOOK_VERSION "\n",
                  stdout);
            return EXIT_SUCCESS;
        }
        status = options.bench ? measure(&options, &error) : start(&server, &options, &error);
    }
    if (status == 0 && !options.bench)
        run(&server);
    else if (status != 0)
        fprintf(stderr, "farlook-server: %s\n", error.text);
    stop(&server);
    return status;
}
